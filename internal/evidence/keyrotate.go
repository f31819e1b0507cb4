package evidence

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// RotateSigner puts a new signing key of the algorithm into the folder. The public half of the one before stays as
// custody-<id>.pub, so that its receipts are good for ever; its private half is put aside as custody-<id>.old, for the
// operator to destroy. Servers sign with the new key after a restart.
func RotateSigner(dir, algorithm string) (retired, current PublicKey, err error) {
	if algorithm != Ed25519 && algorithm != SM2 {
		return retired, current, fmt.Errorf("%q signs no receipts: %s or %s", algorithm, Ed25519, SM2)
	}
	keys, err := LoadOrMakeSigner(dir, false)
	if err != nil {
		return retired, current, err
	}
	retired = keys.Key()
	text, err := retired.PEM()
	if err != nil {
		return retired, current, err
	}
	if err := writeOnce(filepath.Join(dir, "custody-"+retired.ID+".pub"), text, 0o644); err != nil {
		return retired, current, err
	}
	if err := os.Remove(filepath.Join(dir, "custody.pub")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return retired, current, err
	}
	if err := os.Rename(filepath.Join(dir, "custody."+retired.Algorithm), filepath.Join(dir, "custody-"+retired.ID+".old")); err != nil {
		return retired, current, err
	}
	signer, err := makeSigner(dir, algorithm)
	if err != nil {
		return retired, current, err
	}
	return retired, signer.Key(), nil
}

// RotateSealing puts a new sealing key into the folder. The one before stays as sealing-<id>.p256: phones may hold for
// weeks what they sealed to it.
func RotateSealing(dir string) (retired, current SealKey, err error) {
	before, err := loadSealing(dir, false)
	if err != nil {
		return retired, current, err
	}
	retired = before.Key()
	if err := os.Rename(filepath.Join(dir, sealingFile), filepath.Join(dir, "sealing-"+retired.ID+".p256")); err != nil {
		return retired, current, err
	}
	now, err := loadSealing(dir, true)
	if err != nil {
		return retired, current, err
	}
	return retired, now.Key(), nil
}
