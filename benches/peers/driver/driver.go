// Package driver lets another program ask a query engine written in Go: it reads samples from a file into Prometheus' own
// storage, evaluates queries as often as asked, and writes each answer to a file for comparison.
//
// One JSON object a line each way, over standard input and output; ../rust is the other side.
package driver

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// Engine evaluates range queries, as Prometheus' engine does.
type Engine interface {
	NewRangeQuery(
		ctx context.Context, store storage.Queryable, opts promql.QueryOpts,
		query string, start, end time.Time, step time.Duration,
	) (promql.Query, error)
}

// request asks for one thing: to load a file, or to evaluate a query.
type request struct {
	Load  string `json:"load"`
	Query string `json:"query"`
	// Times in ms.
	Start int64 `json:"start_ms"`
	End   int64 `json:"end_ms"`
	Step  int64 `json:"step_ms"`
	// How often to evaluate.
	Runs int `json:"runs"`
	// The file that the answer goes to; none where it is empty.
	Answer string `json:"answer"`
}

type response struct {
	Series int `json:"series,omitempty"`
	// What each run took.
	Ns    []int64 `json:"ns,omitempty"`
	Error string  `json:"error,omitempty"`
	// The greatest memory of the process since it loaded, in bytes; 0 where the system does not tell.
	PeakBytes int64 `json:"peak_bytes"`
}

// Run answers requests until there are no more.
func Run(engine Engine) {
	folder, err := os.MkdirTemp("", "promql-peer")
	if err != nil {
		fail(err)
	}
	defer os.RemoveAll(folder)
	var db *tsdb.DB
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	for loads := 0; ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var question request
		if err := json.Unmarshal(line, &question); err != nil {
			fail(err)
		}
		var answer response
		if question.Load != "" {
			if db != nil {
				db.Close()
			}
			loads++
			db, answer.Series, err = load(question.Load, fmt.Sprintf("%s/%d", folder, loads))
			debug.FreeOSMemory()
			// From here on the greatest memory is counted anew; where the system cannot, loading counts, too.
			_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
		} else {
			answer.Ns, err = evaluate(engine, db, question)
		}
		if err != nil {
			answer.Error = err.Error()
		}
		answer.PeakBytes = peakBytes()
		if err := answers.Encode(answer); err != nil {
			return
		}
	}
}

func evaluate(engine Engine, db *tsdb.DB, question request) ([]int64, error) {
	ctx := context.Background()
	times := make([]int64, 0, question.Runs)
	for run := range question.Runs {
		begin := time.Now()
		query, err := engine.NewRangeQuery(
			ctx, db, nil, question.Query,
			time.UnixMilli(question.Start), time.UnixMilli(question.End), time.Duration(question.Step)*time.Millisecond,
		)
		if err != nil {
			return nil, err
		}
		result := query.Exec(ctx)
		times = append(times, time.Since(begin).Nanoseconds())
		if result.Err != nil {
			return nil, result.Err
		}
		if run == 0 && question.Answer != "" {
			matrix, err := result.Matrix()
			if err != nil {
				return nil, err
			}
			if err := write(matrix, question.Answer); err != nil {
				return nil, err
			}
		}
		// Answers go back to pools here; the time for that is the engine's, too.
		begin = time.Now()
		query.Close()
		times[run] += time.Since(begin).Nanoseconds()
	}
	return times, nil
}

// peakBytes reads what Linux says of this process.
func peakBytes() int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kilobytes int64
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); err == nil {
			return kilobytes * 1024
		}
	}
	return 0
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
