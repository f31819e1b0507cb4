package directory

import (
	"context"
	"errors"
	"io"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/web"
)

// maxImport is the largest file an import reads.
const maxImport = 5 << 20

func (s *Service) postImport(c *fiber.Ctx) error {
	run := s.ImportBusinesses
	switch c.Params("kind") {
	case "businesses":
	case "officers":
		run = s.ImportOfficers
	default:
		return fault.Missing()
	}
	if c.Params("kind") == "officers" && !keeper(web.ActorOf(c)) {
		return fault.Denied() // before the file is read
	}
	return Upload(c, run)
}

// Upload reads the table in the body and hands it to run: a preview, or with commit=true all of it or nothing.
func Upload[R any](c *fiber.Ctx, run func(ctx context.Context, who actor.Actor, file []byte, commit bool) (R, error)) error {
	var file []byte
	body, err := web.Body(c, maxImport)
	if err == nil {
		file, err = io.ReadAll(body)
	}
	if err != nil && fault.KindOf(err) == fault.TooLarge {
		return fault.New(fault.TooLarge, "too_large", "文件超过5 MB，没有读取。请删去图片和多余的工作表，或者分成几个文件。")
	}
	if err != nil {
		return err
	}
	report, err := run(c.UserContext(), web.ActorOf(c), file, c.Query("commit") == "true")
	if err != nil {
		return err
	}
	return c.JSON(report)
}

func (s *Service) getTemplate(c *fiber.Ctx) error {
	columns, name := businessTable, "经营主体导入模板.xlsx"
	switch c.Params("kind") {
	case "businesses":
	case "officers":
		columns, name = officerTable, "执法人员导入模板.xlsx"
		if web.ActorOf(c).Is(actor.Office) {
			return fault.Denied()
		}
	default:
		return fault.Missing()
	}
	file, err := Template(columns)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	c.Set(fiber.HeaderContentDisposition, "attachment; filename*=UTF-8''"+url.PathEscape(name))
	return c.Send(file)
}

func fieldsOf(err error) []fault.FieldError {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Fields
	}
	return nil
}
