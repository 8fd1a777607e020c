package driver

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
)

// A file holds series one after the other, all numbers little endian: u32 number of labels; for each label its name and its
// value, each a u32 length and bytes; u32 number of samples; for each sample an i64 time in ms and an f64 value.

// load reads a file into a new store in a folder.
func load(path, folder string) (*tsdb.DB, int, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	options := tsdb.DefaultOptions()
	// A head that takes all samples, and is never cut into blocks.
	options.MinBlockDuration = 1 << 50
	options.MaxBlockDuration = 1 << 50
	options.RetentionDuration = 0
	options.WALSegmentSize = -1
	options.OutOfOrderTimeWindow = 1 << 50
	db, err := tsdb.Open(folder, nil, nil, options, nil)
	if err != nil {
		return nil, 0, err
	}
	db.DisableCompactions()
	reader := &numbers{reader: bufio.NewReaderSize(file, 1<<20)}
	series := 0
	for {
		count := reader.u32()
		if errors.Is(reader.err, io.EOF) {
			return db, series, nil
		}
		builder := labels.NewScratchBuilder(int(count))
		for range count {
			name := reader.text()
			builder.Add(name, reader.text())
		}
		builder.Sort()
		if err := appendSeries(db, builder.Labels(), reader); err != nil {
			return db, series, err
		}
		series++
	}
}

func appendSeries(db *tsdb.DB, name labels.Labels, reader *numbers) error {
	appender := db.Appender(context.Background())
	var ref storage.SeriesRef
	for range reader.u32() {
		time := int64(reader.u64())
		value := math.Float64frombits(reader.u64())
		if reader.err != nil {
			return reader.err
		}
		var err error
		if ref, err = appender.Append(ref, name, time, value); err != nil {
			return err
		}
	}
	return appender.Commit()
}

// write puts an answer into a file.
func write(matrix promql.Matrix, path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	writer := bufio.NewWriterSize(file, 1<<20)
	var buffer []byte
	text := func(text string) {
		buffer = binary.LittleEndian.AppendUint32(buffer, uint32(len(text)))
		buffer = append(buffer, text...)
	}
	for _, series := range matrix {
		if len(series.Histograms) > 0 {
			return errors.New("an answer with histograms, which files do not hold")
		}
		buffer = binary.LittleEndian.AppendUint32(buffer[:0], uint32(series.Metric.Len()))
		series.Metric.Range(func(label labels.Label) {
			text(label.Name)
			text(label.Value)
		})
		buffer = binary.LittleEndian.AppendUint32(buffer, uint32(len(series.Floats)))
		for _, point := range series.Floats {
			buffer = binary.LittleEndian.AppendUint64(buffer, uint64(point.T))
			buffer = binary.LittleEndian.AppendUint64(buffer, math.Float64bits(point.F))
		}
		if _, err := writer.Write(buffer); err != nil {
			return err
		}
	}
	return writer.Flush()
}

// numbers reads a file; its first error stays.
type numbers struct {
	reader *bufio.Reader
	bytes  [8]byte
	err    error
}

func (n *numbers) read(length int) []byte {
	if n.err == nil {
		_, n.err = io.ReadFull(n.reader, n.bytes[:length])
	}
	return n.bytes[:length]
}

func (n *numbers) u32() uint32 { return binary.LittleEndian.Uint32(n.read(4)) }

func (n *numbers) u64() uint64 { return binary.LittleEndian.Uint64(n.read(8)) }

func (n *numbers) text() string {
	length := n.u32()
	if n.err != nil {
		return ""
	}
	text := make([]byte, length)
	_, n.err = io.ReadFull(n.reader, text)
	return string(text)
}
