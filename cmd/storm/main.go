// Command storm blows 随行 about and looks what is left: simulated phones send sealed records with photos through lines
// that break at any byte to two instances of the program, while instances, database and store are killed, frozen,
// starved and cut off. Then what the phones' ledgers say is held against what database and store hold. Its last line is
//
//	storm: syncs=N faults=M lost=0 doubled=0 missing=0 corrupt=0
//
// and it ends with 1 when a figure that should be 0 is not. docs/adr/0011 says what this proves and what not.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	n := flag.Int("n", 1000, "records to seal and send")
	seed := flag.Uint64("seed", 0, "0: a new one; the same seed draws the same troubles")
	phones := flag.Int("phones", 14, "simulated phones")
	rate := flag.Float64("rate", 0.08, "share of a phone's requests that meet trouble")
	events := flag.Int("events", 0, "faults of the machines; 0: as many as fit the number of records")
	only := flag.String("only", "", "comma-separated troubles of requests; empty: all")
	weather := flag.String("weather", "", "comma-separated faults of the machines; empty: all")
	back := flag.Bool("restore", true, "put the database back to an earlier day once")
	early := flag.Int("early", 6, "one record in so many sends its photos first")
	fails := flag.Int("fails", 40, "one line in so many does not hold")
	rivals := flag.Int("rivals", 25, "after one record in so many, other bytes under a taken id")
	stuck := flag.Duration("stuck", time.Minute, "how long a record may need when all is calm again")
	planted := flag.Bool("defects", false, "plant the known defects one by one and see each caught; further words name some")
	within := flag.Duration("within", time.Hour, "give up after this long")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, *within)
	defer cancel()
	if *planted {
		all, err := catch(ctx, flag.Args(), os.Stdout)
		end(all, err, stop)
		return
	}
	pl := plan{early: *early, fails: *fails, rivals: *rivals, stuck: *stuck, syncs: *n, phones: min(*phones, 60), rate: *rate, only: names(*only), weather: names(*weather), events: *events, restore: *back}
	if pl.events == 0 {
		pl.events = max(24, pl.syncs/30)
	}
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano()) % 1_000_000 // #nosec G115 -- any number will do
	}
	whole, err := blow(ctx, pl, *seed, os.Stdout)
	end(whole, err, stop)
}

// end leaves with what scripts look at: 0 all well, 1 something found, 2 no result.
func end(whole bool, err error, stop func()) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "storm:", err)
		stop()
		os.Exit(2)
	}
	if !whole {
		stop()
		os.Exit(1)
	}
}

func names(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// blow runs one storm and prints what it found; whole tells whether everything was.
func blow(ctx context.Context, pl plan, seed uint64, out io.Writer) (whole bool, err error) {
	began := time.Now()
	fmt.Fprintf(out, "# seed %d (SEED=%d draws the same troubles)\n", seed, seed)
	b, err := newBed(ctx, pl.phones, slog.New(slog.DiscardHandler))
	if err != nil {
		return false, err
	}
	defer b.close()
	s, err := newStorm(ctx, b, pl, seed, out)
	if err != nil {
		return false, err
	}
	if err := s.run(ctx); err != nil {
		return false, err
	}
	return s.report(began), nil
}

func (s *storm) report(began time.Time) bool {
	s.say("faults: %s", s.faults)
	for what, why := range s.skipped {
		s.say("skipped: %s: %s", what, why)
	}
	s.say("time from sealed to receipt: p50 %s, p95 %s; %d acknowledged records read back through both instances at once", s.quantile(0.5), s.quantile(0.95), s.readBack.Load())
	kinds := []string{"lost", "doubled", "missing", "corrupt"}
	bad := 0
	for _, k := range kinds {
		bad += len(s.violations[k])
		for i, v := range s.violations[k] {
			if i == 8 {
				s.say("%s: and %d more", k, len(s.violations[k])-i)
				break
			}
			s.say("%s: %s", k, v)
		}
	}
	if quiet := s.tooQuiet(); quiet != "" {
		bad++
		s.say("too quiet to prove anything: %s", quiet)
	}
	s.say("took %s", time.Since(began).Round(time.Second))
	v := s.violations
	fmt.Fprintf(s.out, "storm: syncs=%d faults=%d lost=%d doubled=%d missing=%d corrupt=%d\n", s.plan.syncs, s.faults.sum(), len(v["lost"]), len(v["doubled"]), len(v["missing"]), len(v["corrupt"]))
	return bad == 0
}
