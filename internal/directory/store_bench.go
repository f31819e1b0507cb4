package directory

// Made is the SQL of $1 made-up rows for measuring, one for each record that FillForBench of a feature puts down: i from 1 on,
// at over eleven years up to 2026-11-01, tail of a number after its letters, agency and office among those that have both, and
// pond, which is 鱼塘 in 200 of them, however many there are: a search for it has the same answer at every size.
const Made = `(SELECT i, at, agencies[1 + a % n] AS agency, offices[1 + a % n] AS office,
		(2015 + i % 12) || '-' || lpad((i / 12 + 1)::text, greatest(4, length((i / 12 + 1)::text)), '0') AS tail, CASE WHEN i % greatest($1::bigint / 200, 1) = 0 THEN '鱼塘' ELSE '' END AS pond
	FROM (SELECT i, ((i * 7919::bigint) % 100003)::int AS a, timestamptz '2026-11-01 08:00+08' - (($1::bigint - i) * (interval '11 years' / $1::bigint)) AS at FROM generate_series(1::bigint, $1::bigint) i) r,
		(SELECT array_agg(id ORDER BY id) AS agencies, array_agg(office_id ORDER BY id) AS offices, count(*)::int AS n FROM agencies WHERE office_id IS NOT NULL) g) made`
