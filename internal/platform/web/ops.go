package web

import (
	"context"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"suixing/internal/fault"
)

type metrics struct {
	reg      *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics() *metrics {
	m := &metrics{reg: prometheus.NewRegistry()}
	m.requests = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "suixing_requests_total", Help: "Requests by route pattern and status."}, []string{"method", "route", "status"})
	m.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "suixing_request_seconds", Help: "Time to answer by route pattern.", Buckets: []float64{.005, .02, .1, .5, 2, 10, 60}}, []string{"route"})
	m.reg.MustRegister(m.requests, m.seconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) count(method, route string, code int, took time.Duration) {
	m.requests.WithLabelValues(method, route, strconv.Itoa(code)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// Ops adds health, readiness and metrics. Metrics answer only this machine and private networks, never through the front.
func (r *Router) Ops(ready func(context.Context) error) {
	r.Plain("GET", "/healthz", Anyone, "the process lives", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	r.Plain("GET", "/readyz", Anyone, "database and photo store answer, clocks agree", func(c *fiber.Ctx) error {
		ctx, cancel := context.WithTimeout(c.UserContext(), 3*time.Second)
		defer cancel()
		if err := ready(ctx); err != nil {
			r.opt.Log.Warn("not ready", "error", err.Error())
			return c.Status(fiber.StatusServiceUnavailable).SendString("not ready\n")
		}
		return c.SendString("ready\n")
	})
	h := adaptor.HTTPHandler(promhttp.HandlerFor(r.metrics.reg, promhttp.HandlerOpts{}))
	r.Plain("GET", "/metrics", Anyone, "Prometheus figures, from this machine or a private network only", func(c *fiber.Ctx) error {
		if !fromHere(c) {
			return fault.Missing()
		}
		return h(c)
	})
}

func stack() string { return string(debug.Stack()) }
