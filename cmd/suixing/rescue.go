package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"suixing/internal/account"
	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/clock"
	"suixing/internal/visit"
)

const rescueUsage = "suixing rescue FILE USERNAME"

// rescued are the words for what became of a record; nothing is said to be in that is not.
var rescued = map[string]string{
	"saved": "收下了", "same": "以前收过", "held": "在隔离件里，等司法所核实", "clashed": "和已有的不一样，两份都留着，等司法所定", "refused": "没有收",
}

// rescueCommand takes in the rescue file of a phone where there is no browser at hand: as the person of the office or the
// county who brings it, within what she may see, in her name in the trail. The same file again changes nothing.
func rescueCommand(ctx context.Context, g *ground, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: " + rescueUsage)
	}
	a, err := build(ctx, g, clock.Real)
	if err != nil {
		return err
	}
	who, err := bringer(ctx, a.Account, args[1])
	if err != nil {
		return err
	}
	file, err := os.Open(args[0]) // #nosec G304 -- named by who runs the command
	if err != nil {
		return err
	}
	defer file.Close()
	list, err := a.Visit.Rescue(ctx, who, file)
	if err != nil {
		return plainly(err)
	}
	return printRescued(list)
}

// bringer is who may bring a file at the desk, and may do it here.
func bringer(ctx context.Context, s *account.Service, username string) (actor.Actor, error) {
	a, err := s.FindAccount(ctx, actor.System, username)
	if err != nil {
		return actor.Actor{}, fmt.Errorf("%s: %w", username, err)
	}
	if !a.Active || a.Role != actor.Office && a.Role != actor.County {
		return actor.Actor{}, fmt.Errorf("%s is nobody of an office or the county who works here now", username)
	}
	return actor.Actor{ID: a.ID, Role: a.Role, Name: a.Name, OfficeID: a.OfficeID}, nil
}

func printRescued(list []visit.Rescued) error {
	refused := 0
	for _, r := range list {
		fmt.Printf("%s  %s的记录（%s，第%d版）%s", r.ID, r.AuthorName, r.BusinessName, r.Version, rescued[r.State])
		switch {
		case r.Missing > 0:
			fmt.Printf("，还差%d张照片", r.Missing)
		case r.ReceiptCode != "":
			fmt.Printf("，回执%s", r.ReceiptCode)
		case r.Why != "":
			fmt.Printf("：%s", r.Why)
		}
		fmt.Println()
		if r.State == "refused" {
			refused++
		}
	}
	fmt.Printf("rescue: %d records, %d refused\n", len(list), refused)
	if refused > 0 {
		return fmt.Errorf("%d records of the file were not taken", refused)
	}
	return nil
}

// plainly says a fault as it would be said at the desk.
func plainly(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return errors.New(f.Words)
	}
	return err
}
