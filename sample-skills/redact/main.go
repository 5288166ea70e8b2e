// A WASI command that masks secrets in a JSON document of any shape, so that it can be shown around: values of keys such as
// "password", and e-mail addresses in texts. {"user": "ada@example.com", "password": 1234} → {"user": "a***@example.com", "password": "***"}
package main

import (
	"encoding/json/jsontext"
	"io"
	"os"
	"strings"
)

const mask = "***"

func main() {
	if err := redact(os.Stdin, os.Stdout); err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

// redact copies a document, token by token.
func redact(in io.Reader, out io.Writer) error {
	from, to := jsontext.NewDecoder(in), jsontext.NewEncoder(out)
	for {
		token, err := from.ReadToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		isKey := isKeyNext(to)
		if token.Kind() == '"' && !isKey {
			token = jsontext.String(maskAddresses(token.String()))
		}
		if err := to.WriteToken(token); err != nil {
			return err
		}
		if isKey && isSecret(token.String()) {
			if err := from.SkipValue(); err != nil {
				return err
			}
			if err := to.WriteToken(jsontext.String(mask)); err != nil {
				return err
			}
		}
	}
}

// isKeyNext tells whether the token to be written is a key: in an object, each second one is.
func isKeyNext(to *jsontext.Encoder) bool {
	kind, written := to.StackIndex(to.StackDepth())
	return kind == '{' && written%2 == 0
}

func isSecret(key string) bool {
	for _, word := range []string{"password", "secret", "token", "api_key", "apikey"} {
		if strings.Contains(strings.ToLower(key), word) {
			return true
		}
	}
	return false
}

func maskAddresses(text string) string {
	words := strings.Split(text, " ")
	for at, word := range words {
		if name, host, found := strings.Cut(word, "@"); found && name != "" && strings.Contains(host, ".") {
			words[at] = name[:1] + mask + "@" + host
		}
	}
	return strings.Join(words, " ")
}
