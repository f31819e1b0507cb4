// Command suixing is the whole of 随行 in one program: server, migrations, accounts, backup.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"suixing/internal/evidence"
	"suixing/internal/evidence/heif"
	"suixing/internal/platform/cluster"
)

const usage = `usage: suixing COMMAND

  serve                 run the server (the default); configuration is the environment, see README
  migrate               bring the database to this program's schema, as DATABASE_OWNER_URL
  demo                  fill an empty database with demo data
  user add|reset|token  make an account, reset a password, make a bearer token
  audit verify|head     check the sealed trail; print its head
  check                 read every photo, record, receipt and the trail again; name what has changed
  backup DIR            write database and photos to a new folder
  restore DIR           read a backup into an empty place
  keys                  make the keys that SUIXING_KEYS lacks; touches none that is there
  keys vault            the vault's keys, and how many identities lie under each
  keys rotate-vault [aes-256-gcm|sm4-gcm]  a new vault key; reseals everything, retires the old one
  keys destroy-vault    destroy retired vault keys that hold nothing: old backups open no more
  keys rotate-custody [ed25519|sm2]  a new key for receipts; those of the old one stay good
  keys rotate-sealing   a new key that phones seal to; the old one still opens
  verify FILE           check a custody receipt offline
  licenses              the licences of the C libraries inside that decode HEIC
  rescue FILE USERNAME  take in a phone's rescue file as this person of the office or the county
  version
`

// version is set when a release is built.
var version = "dev"

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, log, os.Args[1:]); err != nil {
		if !errors.Is(err, context.Canceled) {
			fmt.Fprintln(os.Stderr, "suixing:", err)
		}
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, log *slog.Logger, args []string) error {
	command := "serve"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	switch command {
	case "serve":
		return serve(ctx, log)
	case "migrate":
		return onGround(ctx, log, func(*ground) error { return nil })
	case "demo":
		return onGround(ctx, log, func(g *ground) error { return fillDemo(ctx, g) })
	case "user":
		return onGround(ctx, log, func(g *ground) error { return userCommand(ctx, g, args) })
	case "audit":
		return onGround(ctx, log, func(g *ground) error { return auditCommand(ctx, g, args) })
	case "check":
		return onGround(ctx, log, func(g *ground) error { return checkCommand(ctx, g) })
	case "backup":
		return backupCommand(ctx, log, args)
	case "restore":
		return restoreCommand(ctx, log, args)
	case "keys":
		if len(args) > 0 && (args[0] == "rotate-custody" || args[0] == "rotate-sealing") {
			return rotateCommand(args)
		}
		if len(args) > 0 {
			return onGround(ctx, log, func(g *ground) error { return vaultCommand(ctx, g, args) })
		}
		return keysCommand()
	case "verify":
		return verifyCommand(args)
	case evidence.HEIFCommand: // the server calls it; it is not for people
		return evidence.HEIFChild(args, os.Stdin, os.Stdout)
	case "licenses":
		_, err := fmt.Print(heif.Licenses())
		return err
	case "rescue":
		return onGround(ctx, log, func(g *ground) error { return rescueCommand(ctx, g, args) })
	case "version":
		fmt.Println("suixing", version)
		return nil
	}
	fmt.Fprint(os.Stderr, usage)
	return fmt.Errorf("unknown command %q", command)
}

// onGround opens the ground for one command and closes it again.
func onGround(ctx context.Context, log *slog.Logger, f func(*ground) error) error {
	g, err := openGround(ctx, log, cluster.Join)
	if err != nil {
		return err
	}
	return errors.Join(f(g), g.Close())
}
