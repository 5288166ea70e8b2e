// Watches a budget: a reactor that is sent events, and keeps the sum in the host's memory. The event `spend` has an amount as its
// data, the event `new-month` none. The result is what is left of the budget, in whole units; -1 where it is overdrawn.
package main

import (
	"strconv"
	"strings"
	"unsafe"
)

const key = "budget/spent"

//go:wasmexport skill_on_event
func onEvent(kind *byte, kindLen uint32, data *byte, dataLen uint32) int32 {
	switch unsafe.String(kind, kindLen) {
	case "spend":
		return spend(unsafe.String(data, dataLen))
	case "new-month":
		hostMemoryDelete(key)
		return 0
	}
	hostLog(levelWarn, "no such event: "+unsafe.String(kind, kindLen))
	return -2
}

func spend(data string) int32 {
	amount, err := strconv.ParseFloat(strings.TrimSpace(data), 64)
	if err != nil {
		hostLog(levelError, "not an amount: "+data)
		return -3
	}
	spent, _ := strconv.ParseFloat(ask(hostMemoryGet, key), 64)
	budget, _ := strconv.ParseFloat(ask(hostConfigGet, "budget"), 64)
	spent += amount
	if code := hostMemorySet(key, strconv.FormatFloat(spent, 'f', 2, 64)); code < 0 {
		return code
	}
	left := budget - spent
	hostLog(levelInfo, "left: "+strconv.FormatFloat(left, 'f', 2, 64))
	if left < 0 {
		return -1
	}
	return int32(left)
}

// A reactor is never started: `main` must be there, and is not called.
func main() {}
