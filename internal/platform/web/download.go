package web

import "github.com/gofiber/fiber/v2"

// FileCSP is the policy of whatever goes out as a file: opened by itself it runs nothing, asks for nothing and has no
// origin, whatever its bytes might also be taken for.
const FileCSP = "default-src 'none'; sandbox; frame-ancestors 'none'"

// files gives every answer that is a download its policy, so that no route can forget it.
func (r *Router) files(c *fiber.Ctx) error {
	err := c.Next()
	if err == nil && len(c.Response().Header.Peek(fiber.HeaderContentDisposition)) > 0 {
		c.Set(fiber.HeaderContentSecurityPolicy, FileCSP)
	}
	return err
}
