package main

import (
	"fmt"
	"math"
	"strconv"
)

var ofOne = map[string]func(float64) float64{
	"exp": math.Exp, "exp2": math.Exp2, "ln": math.Log, "log2": math.Log2, "log10": math.Log10,
	"sin": math.Sin, "cos": math.Cos, "tan": math.Tan, "asin": math.Asin, "acos": math.Acos, "atan": math.Atan,
	"sinh": math.Sinh, "cosh": math.Cosh, "tanh": math.Tanh,
	"asinh": math.Asinh, "acosh": math.Acosh, "atanh": math.Atanh,
}

var ofTwo = map[string]func(a, b float64) float64{"pow": math.Pow, "atan2": math.Atan2}

// answerMath gives the bits of a function of Go's package math, for arguments that are bits, too: texts can lie about NaN and zero.
func answerMath(q row) row {
	var arguments []float64
	list, _ := q["arguments"].([]any)
	for _, argument := range list {
		text, _ := argument.(string)
		bits, err := strconv.ParseUint(text, 16, 64)
		if err != nil {
			fail("not the bits of a float: ", text)
		}
		arguments = append(arguments, math.Float64frombits(bits))
	}
	name := str(q, "function")
	switch one, two := ofOne[name], ofTwo[name]; {
	case one != nil && len(arguments) == 1:
		q["result"] = bitsOf(one(arguments[0]))
	case two != nil && len(arguments) == 2:
		q["result"] = bitsOf(two(arguments[0], arguments[1]))
	default:
		fail("no function of these arguments: ", name)
	}
	return q
}

func bitsOf(f float64) string { return fmt.Sprintf("%016x", math.Float64bits(f)) }
