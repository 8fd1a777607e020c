// Prometheus' engine, to be asked by ../rust.
package main

import (
	"time"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"

	"driver"
)

func main() {
	driver.Run(promql.NewEngine(promql.EngineOpts{
		MaxSamples:           50_000_000,
		Timeout:              10 * time.Minute,
		EnableAtModifier:     true,
		EnableNegativeOffset: true,
		Parser:               parser.NewParser(parser.Options{EnableExperimentalFunctions: true}),
	}))
}
