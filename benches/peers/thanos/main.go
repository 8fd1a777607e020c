// Thanos' engine, to be asked by ../rust.
package main

import (
	"context"
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/thanos-io/promql-engine/engine"

	"driver"
)

type thanos struct{ engine *engine.Engine }

func (t thanos) NewRangeQuery(
	ctx context.Context, store storage.Queryable, opts promql.QueryOpts,
	query string, start, end time.Time, step time.Duration,
) (promql.Query, error) {
	return t.engine.NewRangeQuery(ctx, store, opts, query, start, end, step)
}

func main() {
	parser.EnableExperimentalFunctions = true
	driver.Run(thanos{engine.New(engine.Opts{
		EngineOpts: promql.EngineOpts{
			MaxSamples:           50_000_000,
			Timeout:              10 * time.Minute,
			EnableAtModifier:     true,
			EnableNegativeOffset: true,
		},
		EnableXFunctions: false,
	})})
}
