// Command bench measures the product against references in the same run and prints one line a measure:
// bench NAME ratio=X target=Y ok|SHORT. A ratio is always ours / reference; the note says which way is better.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/pprof"
	"strings"
	"syscall"
)

// measure is one line. Higher tells whether more is better (rates) or less (bytes, times, memory).
type measure struct {
	name          string
	ratio, target float64
	higher        bool
	note          string
}

func (m measure) ok() bool {
	if m.higher {
		return m.ratio >= m.target
	}
	return m.ratio <= m.target
}

func (m measure) String() string {
	word := "SHORT"
	if m.ok() {
		word = "ok"
	}
	better := "less is better"
	if m.higher {
		better = "more is better"
	}
	return fmt.Sprintf("bench %s ratio=%.2f target=%.2f %s  # %s; %s", m.name, m.ratio, m.target, word, m.note, better)
}

type suite struct {
	name string
	run  func(ctx context.Context, b *bed) ([]measure, error)
}

var suites = []suite{{"feedback", benchFeedback}, {"photo", benchPhoto}, {"list", benchLists}, {"memory", benchMemory}, {"size", benchSizes}, {"browser", benchBrowser}}

func main() {
	only := flag.String("only", "", "comma-separated suites: feedback,photo,list,memory,size,browser")
	rows := flag.Int("rows", 2_000_000, "the larger table of the list suite")
	seconds := flag.Int("seconds", 8, "length of each timed run")
	profile := flag.String("profile", "", "write a CPU profile of the whole run to this file")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		defer pprof.StopCPUProfile()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *only, *rows, *seconds); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, only string, rows, seconds int) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	b, err := newBed(ctx, log, rows, seconds)
	if err != nil {
		return err
	}
	defer b.close()
	short := 0
	for _, s := range suites {
		if only != "" && !strings.Contains(","+only+",", ","+s.name+",") {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring", s.name, "...")
		ms, err := s.run(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		for _, m := range ms {
			fmt.Println(m)
			if !m.ok() {
				short++
			}
		}
	}
	fmt.Printf("bench: short=%d\n", short)
	return nil
}
