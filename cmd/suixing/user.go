package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/google/uuid"

	"suixing/internal/account"
	"suixing/internal/actor"
	"suixing/internal/platform/clock"
	"suixing/internal/vault"
)

// userCommand is how the operator makes the first administrator and helps one who is locked out.
func userCommand(ctx context.Context, g *ground, args []string) error {
	usage := errors.New("usage: suixing user add USERNAME NAME ROLE [-office ID] [-agency ID] | reset USERNAME | token USERNAME LABEL [-days N]")
	if len(args) < 2 {
		return usage
	}
	key, err := vault.LoadSecret(g.cfg.Keys, "account.key", g.cfg.Embedded())
	if err != nil {
		return err
	}
	s, err := account.New(g.app, clock.Real, account.Options{Key: key, Demo: g.cfg.Demo})
	if err != nil {
		return err
	}
	switch {
	case args[0] == "add" && len(args) >= 4:
		return userAdd(ctx, s, args[1:])
	case args[0] == "reset" && len(args) == 2:
		a, err := s.FindAccount(ctx, actor.System, args[1])
		if err != nil {
			return err
		}
		password, err := s.ResetPassword(ctx, actor.System, a.ID)
		if err != nil {
			return err
		}
		fmt.Println("initial password, shown once:", password)
		return nil
	case args[0] == "token" && len(args) >= 3:
		return userToken(ctx, s, args[1:])
	}
	return usage
}

func userAdd(ctx context.Context, s *account.Service, args []string) error {
	flags := flag.NewFlagSet("user add", flag.ContinueOnError)
	office, agency := flags.String("office", "", "id of the office"), flags.String("agency", "", "id of the agency")
	if err := flags.Parse(args[3:]); err != nil {
		return err
	}
	f := account.Form{Username: args[0], Name: args[1], Role: actor.Role(args[2])}
	for _, p := range []struct {
		text string
		id   *uuid.NullUUID
	}{{*office, &f.OfficeID}, {*agency, &f.AgencyID}} {
		if p.text == "" {
			continue
		}
		id, err := uuid.Parse(p.text)
		if err != nil {
			return fmt.Errorf("%q is no id", p.text)
		}
		*p.id = uuid.NullUUID{UUID: id, Valid: true}
	}
	a, password, err := s.CreateAccount(ctx, actor.System, f)
	if err != nil {
		return err
	}
	fmt.Printf("account %s (%s)\ninitial password, shown once: %s\n", a.Username, a.Role, password)
	return nil
}

func userToken(ctx context.Context, s *account.Service, args []string) error {
	flags := flag.NewFlagSet("user token", flag.ContinueOnError)
	days := flags.Int("days", 90, "days until it ends")
	if err := flags.Parse(args[2:]); err != nil {
		return err
	}
	a, err := s.FindAccount(ctx, actor.System, args[0])
	if err != nil {
		return err
	}
	token, err := s.CreateToken(ctx, actor.System, a.ID, args[1], *days)
	if err != nil {
		return err
	}
	fmt.Println("bearer token, shown once:", token)
	return nil
}
