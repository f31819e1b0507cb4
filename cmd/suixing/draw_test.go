package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"suixing/internal/evidence"
	"suixing/internal/evidence/heif"
)

// TestMain lets the test program answer to the hidden command as the program itself does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == evidence.HEIFCommand {
		main()
		return
	}
	os.Exit(m.Run())
}

// The program that the server starts to decode a photo is this one: what it writes is a picture and nothing else.
func TestProgramIsItsOwnDecoder(t *testing.T) {
	photo, err := os.ReadFile(filepath.Join("..", "..", "internal", "evidence", "testdata", "quarters.heic"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/proc/self/exe", evidence.HEIFCommand, "300")
	cmd.Stdin, cmd.Env = bytes.NewReader(photo), []string{}
	var why bytes.Buffer
	cmd.Stderr = &why
	out, err := cmd.Output()
	if err != nil || len(out) != 9+64*48*4 || out[0] != 1 || out[4] != 64 || out[8] != 48 {
		t.Errorf("%d bytes, %.20q, %v, %s", len(out), out, err, why.String())
	}
	cmd = exec.CommandContext(t.Context(), "/proc/self/exe", evidence.HEIFCommand)
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("without its argument: %v", err)
	}
}

// Who has the program has the licences of what is inside it.
func TestLicensesAreTold(t *testing.T) {
	for _, words := range []string{"libheif 1.18.2", "libde265 1.0.15", "GNU LESSER GENERAL PUBLIC LICENSE", "GNU GENERAL PUBLIC LICENSE", "Copyright (c) 2024 gen2brain"} {
		if !strings.Contains(heif.Licenses(), words) {
			t.Errorf("nothing of %s", words)
		}
	}
}
