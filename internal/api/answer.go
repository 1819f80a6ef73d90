package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"allroads/internal/control"
)

const (
	jsonType  = "application/json"
	linesType = "application/x-ndjson"
)

// writing is how long an answer may take to be read.
const writing = 10 * time.Second

// encode is a value in one line of JSON.
func encode(value any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // The values are made of what can be encoded.
	return out.Bytes()
}

func answer(w http.ResponseWriter, value any) { send(w, http.StatusOK, jsonType, encode(whole(value))) }

func send(w http.ResponseWriter, code int, kind string, body []byte) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writing))
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	_, _ = w.Write(body)
}

// status is the one of HTTP that goes with a code.
var status = map[control.Code]int{
	control.CodeRequest:     http.StatusBadRequest,
	control.CodeForbidden:   http.StatusForbidden,
	control.CodePath:        http.StatusNotFound,
	control.CodeUnknown:     http.StatusNotFound,
	control.CodeMethod:      http.StatusMethodNotAllowed,
	control.CodeAmbiguous:   http.StatusConflict,
	control.CodeTooLarge:    http.StatusRequestEntityTooLarge,
	control.CodeRefused:     http.StatusUnprocessableEntity,
	control.CodeUnavailable: http.StatusServiceUnavailable,
}

func fail(w http.ResponseWriter, code control.Code, text string) {
	send(w, status[code], jsonType, encode(control.Failure{Schema: control.FailureSchema, Code: code, Error: text}))
}

// whole is a copy with empty slices for those that are nil, so that a list is always one
// in JSON. What the source gave is not changed.
func whole(value any) any {
	v := reflect.New(reflect.TypeOf(value)).Elem()
	v.Set(reflect.ValueOf(value))
	fill(v)
	return v.Interface()
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		filled := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(filled, v)
		for i := range filled.Len() {
			fill(filled.Index(i))
		}
		v.Set(filled)
	}
}
