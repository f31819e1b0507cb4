package evidence

import (
	"fmt"
	"os"
	"testing"
)

// TestMain lets the test program be the child that decodes HEIC, as cmd/suixing is: DrawHEIF starts it with HEIFCommand.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == HEIFCommand {
		if err := HEIFChild(os.Args[2:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
