-- +goose Up
-- A rule changes by a new row with a later effective_from: what was counted under the old one keeps its sum.
CREATE TABLE deadline_rules (
  code text NOT NULL, effective_from date NOT NULL, event text NOT NULL, value int NOT NULL CHECK (value BETWEEN 0 AND 3650), unit text NOT NULL CHECK (unit IN ('wd','d')),
  basis text NOT NULL, strength text NOT NULL CHECK (strength IN ('national','henan','local','other','template','inferred')), changed_by uuid, PRIMARY KEY (code, effective_from));
-- A year without data is refused loudly, never taken for one without holidays. Only days that are not what their weekday says have a row.
CREATE TABLE calendar_years (year int PRIMARY KEY, source text NOT NULL, loaded_at timestamptz NOT NULL, version int NOT NULL DEFAULT 1);
CREATE TABLE calendar_days (day date PRIMARY KEY, year int NOT NULL REFERENCES calendar_years ON DELETE CASCADE, working bool NOT NULL, name text NOT NULL, CHECK (extract(year FROM day) = year));

INSERT INTO deadline_rules (code, effective_from, event, value, unit, basis, strength) VALUES
  ('DL01', '2024-01-01', '收到投诉举报后，决定受理、不予受理或转办', 5, 'wd', '隆回县农业农村局投诉处理规定第六条：5个工作日；衡东县2025年：初审5个工作日。由县里确认。', 'local'),
  ('DL02', '2024-01-01', '受理投诉后，查清并作出处理', 30, 'd', '邯山区贸东街道：30日；衡东县：30个工作日。由县里确认。', 'local'),
  ('DL03', '2024-01-01', '经负责人批准，调查期限延长一次', 20, 'd', '邯山区贸东街道；总期限不超过60日。由县里确认。', 'local'),
  ('DL04', '2024-01-01', '作出处理后，告知投诉人', 7, 'd', '投诉处理制度范本：7日', 'template'),
  ('DL05', '2024-01-01', '上级交办事项办结后，报告结果', 7, 'd', '投诉处理制度范本：决定后7日', 'template'),
  ('DL06', '2024-01-01', '意见书送达后，改正并报告', 30, 'd', '《河南省行政执法条例》第四十三条：在意见书载明的期限内；文书没有另写日期时按30日预填（参照山东第二十八条）', 'henan'),
  ('DL07', '2024-01-01', '决定书送达后，报告执行情况', 30, 'd', '以决定书载明的日期为准；没有另写日期时按30日预填（参照山东第二十九条）', 'other'),
  ('DL08', '2024-01-01', '对决定书有异议，申请复查', 10, 'wd', '参照重庆规定第二十一条', 'other'),
  ('DL09', '2024-01-01', '收到复查申请后，作出复查决定', 15, 'wd', '参照重庆规定第二十一条；复查期间不停止执行', 'other'),
  ('DL10', '2024-01-01', '移送的机关办结后，书面反馈结果', 10, 'wd', '参照重庆规定第二十条', 'other'),
  ('DL11', '2024-01-01', '反馈单、提醒函送达后，书面答复', 7, 'wd', '县里设定', 'inferred'),
  ('DL12', '2024-01-01', '督办函送达后，书面答复', 15, 'd', '县里设定', 'inferred'),
  ('DL13', '2024-01-01', '收到不满意评价后，回访', 1, 'wd', '参照浙江“好差评”办法：1个工作日', 'other'),
  ('DL14', '2024-01-01', '不满意评价核实后，整改并告知', 15, 'd', '参照浙江、四川“好差评”办法', 'other'),
  ('DL15', '2024-01-01', '12345转来的事项，答复', 5, 'wd', '参照潍坊市条例第二十条：5个工作日', 'local'),
  ('DL16', '2024-01-01', '属于信访的事项，登记并转送', 15, 'd', '《信访工作条例》第二十二条', 'national'),
  ('DL17', '2024-01-01', '行政处罚立案后，作出处罚决定', 90, 'd', '《中华人民共和国行政处罚法》第六十条', 'national'),
  ('DL18', '2024-01-01', '处罚决定书作出后，当事人不在场的，送达', 7, 'd', '《中华人民共和国行政处罚法》第六十一条', 'national'),
  ('DL19', '2024-01-01', '处罚决定作出后，公示', 7, 'wd', '国办发〔2018〕118号；其他执法结果20个工作日', 'national'),
  ('DL20', '2024-01-01', '紧急检查没有扫码的，补备案', 3, 'wd', '参照重庆规定第十八条', 'other'),
  ('DL21', '2024-01-01', '案卷评查，每年至少一次', 365, 'd', '《河南省行政执法条例》第四十条', 'henan'),
  ('DL22', '2024-01-01', '上一年度行政执法数据公布，1月31日前', 31, 'd', '参照开封市十项措施', 'local');

-- State Council notices of 2024-2026, as the loader knows them (a test compares).
INSERT INTO calendar_years (year, source, loaded_at) VALUES
  (2024, '国务院办公厅放假安排', '2024-01-01 00:00+08'),
  (2025, '国务院办公厅放假安排', '2024-01-01 00:00+08'),
  (2026, '国务院办公厅放假安排', '2024-01-01 00:00+08');
INSERT INTO calendar_days (day, year, working, name) VALUES
  ('2024-01-01', 2024, false, '元旦'), ('2024-02-04', 2024, true, '春节调休'), ('2024-02-10', 2024, false, '春节'),
  ('2024-02-11', 2024, false, '春节'), ('2024-02-12', 2024, false, '春节'), ('2024-02-13', 2024, false, '春节'),
  ('2024-02-14', 2024, false, '春节'), ('2024-02-15', 2024, false, '春节'), ('2024-02-16', 2024, false, '春节'),
  ('2024-02-17', 2024, false, '春节'), ('2024-02-18', 2024, true, '春节调休'), ('2024-04-04', 2024, false, '清明节'),
  ('2024-04-05', 2024, false, '清明节'), ('2024-04-06', 2024, false, '清明节'), ('2024-04-07', 2024, true, '清明节调休'),
  ('2024-04-28', 2024, true, '劳动节调休'), ('2024-05-01', 2024, false, '劳动节'), ('2024-05-02', 2024, false, '劳动节'),
  ('2024-05-03', 2024, false, '劳动节'), ('2024-05-04', 2024, false, '劳动节'), ('2024-05-05', 2024, false, '劳动节'),
  ('2024-05-11', 2024, true, '劳动节调休'), ('2024-06-08', 2024, false, '端午节'), ('2024-06-09', 2024, false, '端午节'),
  ('2024-06-10', 2024, false, '端午节'), ('2024-09-14', 2024, true, '中秋节调休'), ('2024-09-15', 2024, false, '中秋节'),
  ('2024-09-16', 2024, false, '中秋节'), ('2024-09-17', 2024, false, '中秋节'), ('2024-09-29', 2024, true, '国庆节调休'),
  ('2024-10-01', 2024, false, '国庆节'), ('2024-10-02', 2024, false, '国庆节'), ('2024-10-03', 2024, false, '国庆节'),
  ('2024-10-04', 2024, false, '国庆节'), ('2024-10-05', 2024, false, '国庆节'), ('2024-10-06', 2024, false, '国庆节'),
  ('2024-10-07', 2024, false, '国庆节'), ('2024-10-12', 2024, true, '国庆节调休'), ('2025-01-01', 2025, false, '元旦'),
  ('2025-01-26', 2025, true, '春节调休'), ('2025-01-28', 2025, false, '春节'), ('2025-01-29', 2025, false, '春节'),
  ('2025-01-30', 2025, false, '春节'), ('2025-01-31', 2025, false, '春节'), ('2025-02-01', 2025, false, '春节'),
  ('2025-02-02', 2025, false, '春节'), ('2025-02-03', 2025, false, '春节'), ('2025-02-04', 2025, false, '春节'),
  ('2025-02-08', 2025, true, '春节调休'), ('2025-04-04', 2025, false, '清明节'), ('2025-04-05', 2025, false, '清明节'),
  ('2025-04-06', 2025, false, '清明节'), ('2025-04-27', 2025, true, '劳动节调休'), ('2025-05-01', 2025, false, '劳动节'),
  ('2025-05-02', 2025, false, '劳动节'), ('2025-05-03', 2025, false, '劳动节'), ('2025-05-04', 2025, false, '劳动节'),
  ('2025-05-05', 2025, false, '劳动节'), ('2025-05-31', 2025, false, '端午节'), ('2025-06-01', 2025, false, '端午节'),
  ('2025-06-02', 2025, false, '端午节'), ('2025-09-28', 2025, true, '国庆中秋调休'), ('2025-10-01', 2025, false, '国庆中秋'),
  ('2025-10-02', 2025, false, '国庆中秋'), ('2025-10-03', 2025, false, '国庆中秋'), ('2025-10-04', 2025, false, '国庆中秋'),
  ('2025-10-05', 2025, false, '国庆中秋'), ('2025-10-06', 2025, false, '国庆中秋'), ('2025-10-07', 2025, false, '国庆中秋'),
  ('2025-10-08', 2025, false, '国庆中秋'), ('2025-10-11', 2025, true, '国庆中秋调休'), ('2026-01-01', 2026, false, '元旦'),
  ('2026-01-02', 2026, false, '元旦'), ('2026-01-03', 2026, false, '元旦'), ('2026-01-04', 2026, true, '元旦调休'),
  ('2026-02-14', 2026, true, '春节调休'), ('2026-02-15', 2026, false, '春节'), ('2026-02-16', 2026, false, '春节'),
  ('2026-02-17', 2026, false, '春节'), ('2026-02-18', 2026, false, '春节'), ('2026-02-19', 2026, false, '春节'),
  ('2026-02-20', 2026, false, '春节'), ('2026-02-21', 2026, false, '春节'), ('2026-02-22', 2026, false, '春节'),
  ('2026-02-23', 2026, false, '春节'), ('2026-02-28', 2026, true, '春节调休'), ('2026-04-04', 2026, false, '清明节'),
  ('2026-04-05', 2026, false, '清明节'), ('2026-04-06', 2026, false, '清明节'), ('2026-05-01', 2026, false, '劳动节'),
  ('2026-05-02', 2026, false, '劳动节'), ('2026-05-03', 2026, false, '劳动节'), ('2026-05-04', 2026, false, '劳动节'),
  ('2026-05-05', 2026, false, '劳动节'), ('2026-05-09', 2026, true, '劳动节调休'), ('2026-06-19', 2026, false, '端午节'),
  ('2026-06-20', 2026, false, '端午节'), ('2026-06-21', 2026, false, '端午节'), ('2026-09-20', 2026, true, '国庆节调休'),
  ('2026-09-25', 2026, false, '中秋节'), ('2026-09-26', 2026, false, '中秋节'), ('2026-09-27', 2026, false, '中秋节'),
  ('2026-10-01', 2026, false, '国庆节'), ('2026-10-02', 2026, false, '国庆节'), ('2026-10-03', 2026, false, '国庆节'),
  ('2026-10-04', 2026, false, '国庆节'), ('2026-10-05', 2026, false, '国庆节'), ('2026-10-06', 2026, false, '国庆节'),
  ('2026-10-07', 2026, false, '国庆节'), ('2026-10-10', 2026, true, '国庆节调休');

-- The same count as internal/deadline's Sum, for statements that must not leave the database (a test compares the two).
-- No rule or no data gives null: intake never fails for want of a calendar; the desk shows that no date could be counted.
-- +goose StatementBegin
CREATE FUNCTION deadline_due(p_rule text, p_from date) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE r deadline_rules; d date := p_from; n int := 0; loaded int := 0; works bool;
BEGIN
  SELECT * INTO r FROM deadline_rules WHERE code = p_rule AND effective_from <= p_from ORDER BY effective_from DESC LIMIT 1;
  IF NOT FOUND OR p_from IS NULL THEN RETURN NULL; END IF;
  IF r.unit = 'd' THEN RETURN p_from + r.value; END IF;
  WHILE n < r.value LOOP
    d := d + 1;
    IF extract(year FROM d) <> loaded THEN
      SELECT year INTO loaded FROM calendar_years WHERE year = extract(year FROM d);
      IF NOT FOUND THEN RETURN NULL; END IF;
    END IF;
    SELECT c.working INTO works FROM calendar_days c WHERE c.day = d;
    IF COALESCE(works, extract(isodow FROM d) < 6) THEN n := n + 1; END IF;
  END LOOP;
  RETURN d;
END $$;
-- +goose StatementEnd
