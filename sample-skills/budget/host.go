package main

import "unsafe"

const (
	levelInfo  = 2
	levelWarn  = 3
	levelError = 4
)

// A string parameter is a pointer and a length to the host.

//go:wasmimport env host_log
func hostLog(level uint32, text string)

//go:wasmimport env host_config_get
func hostConfigGet(key string, out unsafe.Pointer, capacity uint32) int32

//go:wasmimport env host_memory_get
func hostMemoryGet(key string, out unsafe.Pointer, capacity uint32) int32

//go:wasmimport env host_memory_set
func hostMemorySet(key, value string) int32

//go:wasmimport env host_memory_delete
func hostMemoryDelete(key string) int32

// ask calls a host function that fills a buffer, and again with a larger buffer where the first was too small.
func ask(call func(string, unsafe.Pointer, uint32) int32, request string) string {
	buffer := make([]byte, 256)
	length := call(request, unsafe.Pointer(&buffer[0]), uint32(len(buffer)))
	if int(length) > len(buffer) {
		buffer = make([]byte, length)
		length = call(request, unsafe.Pointer(&buffer[0]), uint32(len(buffer)))
	}
	return string(buffer[:max(length, 0)])
}

// What the host holds: the collector would free a buffer to which no Go pointer leads.
var held = map[unsafe.Pointer][]byte{}

//go:wasmexport malloc
func malloc(length uint32) unsafe.Pointer {
	buffer := make([]byte, max(length, 1))
	held[unsafe.Pointer(&buffer[0])] = buffer
	return unsafe.Pointer(&buffer[0])
}

//go:wasmexport free
func free(pointer unsafe.Pointer) {
	delete(held, pointer)
}
