-- +goose Up
-- The checklist is data with a version: a sheet names the version it was filled by, so old ones are never changed, only followed.
-- body: {"items":[{code,cat,sev,category,text,fail,basis}],"quick":[codes]}; category is the level-1 class of the lead a failed item raises.
CREATE TABLE checklists (version int PRIMARY KEY, effective_from date NOT NULL, body jsonb NOT NULL);
CREATE TRIGGER checklists_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checklists FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- +goose StatementBegin
INSERT INTO checklists (version, effective_from, body) VALUES (1, '2026-01-01', $json${"items":[
{"code": "A01", "cat": "主体资格", "sev": "redline", "category": "qualification", "text": "执法主体为依法公告的执法机关或受委托组织", "fail": "由议事协调机构、第三方、村（社区）或未经委托的组织以自己名义实施检查", "basis": "《河南省行政执法条例》第13条、第14条；国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"},
{"code": "A02", "cat": "主体资格", "sev": "redline", "category": "qualification", "text": "现场执法人员不少于两人", "fail": "仅一名持证人员到场，或以辅助人员凑足人数", "basis": "《河南省行政执法条例》第24条；《中华人民共和国行政处罚法》第42条"},
{"code": "A03", "cat": "主体资格", "sev": "redline", "category": "qualification", "text": "现场执法人员均持有效行政执法证", "fail": "无证、证件过期、被暂扣或注销仍上岗", "basis": "《河南省行政执法条例》第21条"},
{"code": "A04", "cat": "主体资格", "sev": "general", "category": "qualification", "text": "协助人员未独立实施执法行为", "fail": "辅助人员、网格员单独检查、询问或作出处理", "basis": "《河南省行政执法条例》第20条；国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"},
{"code": "A05", "cat": "主体资格", "sev": "general", "category": "procedure", "text": "应回避人员已回避并告知回避权", "fail": "有利害关系未回避，或未告知当事人可申请回避", "basis": "《河南省行政执法条例》第23条；《中华人民共和国行政处罚法》第43条"},
{"code": "B01", "cat": "检查启动", "sev": "general", "category": "procedure", "text": "检查有批准的检查方案或审批表", "fail": "无审批且不属于紧急情形，或紧急检查未按时补办", "basis": "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》；各地通行做法（不是法条）"},
{"code": "B02", "cat": "检查启动", "sev": "general", "category": "procedure", "text": "检查事项在公布的检查事项清单内", "fail": "清单之外检查或超出方案范围", "basis": "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"},
{"code": "B03", "cat": "检查启动", "sev": "general", "category": "disturbance", "text": "未超过公布的年度频次上限", "fail": "同一单位对同一企业超过上限且无法定例外", "basis": "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"},
{"code": "B04", "cat": "检查启动", "sev": "general", "category": "procedure", "text": "检查对象确定方式合规（双随机/线索/计划）", "fail": "随意选点、无抽取记录、以观摩督导名义变相检查", "basis": "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"},
{"code": "B05", "cat": "检查启动", "sev": "minor", "category": "procedure", "text": "入企前已扫码或登记备案", "fail": "应扫码未扫码，或事后补录超时", "basis": "各地通行做法（不是法条）"},
{"code": "C01", "cat": "亮证告知", "sev": "redline", "category": "procedure", "text": "主动出示行政执法证并表明身份", "fail": "未出示、被要求才出示，或以工作证等其他证件代替", "basis": "《河南省行政执法条例》第24条；《中华人民共和国行政处罚法》第55条"},
{"code": "C02", "cat": "亮证告知", "sev": "general", "category": "procedure", "text": "出具行政检查通知书并说明事由和依据", "fail": "未出具通知书，或通知书无依据、无范围", "basis": "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》；各地通行做法（不是法条）"},
{"code": "C03", "cat": "亮证告知", "sev": "general", "category": "procedure", "text": "告知当事人权利义务（陈述申辩、回避、拒绝权）", "fail": "未告知或仅让当事人签字不作说明", "basis": "《河南省行政执法条例》第26条；《中华人民共和国行政处罚法》第44条、第45条"},
{"code": "C04", "cat": "亮证告知", "sev": "minor", "category": "procedure", "text": "告知已开启执法记录", "fail": "未告知正在录音录像", "basis": "各地通行做法（不是法条）"},
{"code": "C05", "cat": "亮证告知", "sev": "minor", "category": "procedure", "text": "告知监督渠道（评价二维码、投诉电话）", "fail": "未告知、未张贴或二维码无效", "basis": "各地通行做法（不是法条）"},
{"code": "D01", "cat": "全过程记录", "sev": "general", "category": "procedure", "text": "全程开启执法记录仪（抵达至离开）", "fail": "未开启、中途关闭无说明", "basis": "《河南省行政执法条例》第35条；《中华人民共和国行政处罚法》第47条"},
{"code": "D02", "cat": "全过程记录", "sev": "general", "category": "paperwork", "text": "现场检查笔录当场制作并由当事人核对签字", "fail": "事后补写、空白笔录先签字、见证人缺失", "basis": "《中华人民共和国行政处罚法》第55条；各地通行做法（不是法条）"},
{"code": "D03", "cat": "全过程记录", "sev": "general", "category": "procedure", "text": "证据提取、先行登记保存、抽样有审批和清单", "fail": "无清单、无审批、未当场交付", "basis": "《河南省行政执法条例》第25条；各地通行做法（不是法条）"},
{"code": "D04", "cat": "全过程记录", "sev": "minor", "category": "paperwork", "text": "文书填写完整（时间、地点、证号、签名）", "fail": "漏项、涂改未捺印、日期错误", "basis": "各地通行做法（不是法条）"},
{"code": "E01", "cat": "检查实施", "sev": "general", "category": "misconduct", "text": "检查内容与通知书一致", "fail": "现场扩大检查范围", "basis": "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"},
{"code": "E02", "cat": "检查实施", "sev": "general", "category": "disturbance", "text": "未影响正常生产经营", "fail": "无必要停产停业、要求法定代表人到场、长时间占用生产设备", "basis": "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"},
{"code": "E03", "cat": "检查实施", "sev": "redline", "category": "misconduct", "text": "无乱收费乱罚款乱查封扣押冻结", "fail": "无依据收费、当场收现金不开票、超范围查封扣押", "basis": "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》；《河南省行政执法条例》第11条"},
{"code": "E04", "cat": "检查实施", "sev": "redline", "category": "integrity", "text": "无接受馈赠宴请或转嫁费用", "fail": "收受礼品、用餐、由企业支付交通检测费用", "basis": "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"},
{"code": "E05", "cat": "检查实施", "sev": "redline", "category": "misconduct", "text": "无下达罚款或检查指标的言行", "fail": "以完成指标为由检查处罚", "basis": "《河南省行政执法条例》第11条；国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"},
{"code": "E06", "cat": "检查实施", "sev": "general", "category": "integrity", "text": "未指定或强制接受中介机构服务", "fail": "指定检测、评价、培训机构", "basis": "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"},
{"code": "E07", "cat": "检查实施", "sev": "general", "category": "discretion", "text": "对轻微违法依法适用首违不罚、责令改正等柔性方式", "fail": "应当教育改正而直接处罚", "basis": "各地通行做法（不是法条）"},
{"code": "F01", "cat": "文明规范", "sev": "minor", "category": "manner", "text": "着装规范、佩戴标识", "fail": "未着制式服装或混着便装", "basis": "各地通行做法（不是法条）"},
{"code": "F02", "cat": "文明规范", "sev": "general", "category": "manner", "text": "使用文明用语", "fail": "训斥、讽刺、威胁", "basis": "《河南省行政执法条例》第45条；各地通行做法（不是法条）"},
{"code": "F03", "cat": "文明规范", "sev": "redline", "category": "manner", "text": "无推搡、辱骂、限制人身自由", "fail": "粗暴执法或非法限制人身自由", "basis": "《河南省行政执法条例》第45条"},
{"code": "F04", "cat": "文明规范", "sev": "minor", "category": "manner", "text": "说理释法、普法到位", "fail": "只下结论不讲依据", "basis": "各地通行做法（不是法条）"},
{"code": "G01", "cat": "裁量适用", "sev": "general", "category": "discretion", "text": "拟处理意见对照裁量权基准说明", "fail": "未引用基准或明显畸轻畸重", "basis": "《河南省行政执法条例》第7条、第38条"},
{"code": "G02", "cat": "裁量适用", "sev": "general", "category": "procedure", "text": "听取并记录陈述申辩", "fail": "不让说、不记录、因申辩加重", "basis": "《河南省行政执法条例》第26条；《中华人民共和国行政处罚法》第45条"},
{"code": "G03", "cat": "裁量适用", "sev": "general", "category": "procedure", "text": "当场处罚符合简易程序条件（公民≤200元、单位≤3000元或警告）", "fail": "超额当场处罚、未填编号决定书、未当场交付", "basis": "《中华人民共和国行政处罚法》第51条、第52条"},
{"code": "H01", "cat": "检查结果", "sev": "general", "category": "procedure", "text": "当场或及时告知检查结果", "fail": "未告知结果或拒绝给副本", "basis": "国办发〔2024〕54号《关于严格规范涉企行政检查的意见》"},
{"code": "H02", "cat": "检查结果", "sev": "general", "category": "paperwork", "text": "责令改正有书面文书、合理期限和依据", "fail": "口头责令、无期限、无依据", "basis": "各地通行做法（不是法条）"},
{"code": "H03", "cat": "检查结果", "sev": "minor", "category": "procedure", "text": "邀请被检查对象填写满意度反馈表", "fail": "未邀请，或代填、当面要求打满分", "basis": "本县工作做法（不是法条）"}
],
"quick":["A02", "A03", "B01", "C01", "C02", "C03", "D01", "D02", "E02", "E03", "F02", "H03"]}$json$);
-- +goose StatementEnd
CREATE TABLE visits (
  id uuid PRIMARY KEY, number text NOT NULL UNIQUE, origin text NOT NULL CHECK (origin IN ('planned','spot')), method text NOT NULL DEFAULT 'accompanied' CHECK (method IN ('accompanied','special','unannounced','random','casefile')),
  office_id uuid NOT NULL REFERENCES offices, agency_id uuid NOT NULL REFERENCES agencies,
  business_id uuid REFERENCES businesses, business_name text NOT NULL, business_uscc text NOT NULL DEFAULT '', business_address text NOT NULL DEFAULT '',
  matter text NOT NULL, notice_number text NOT NULL DEFAULT '', external_code text NOT NULL DEFAULT '', planned_on date, planned_by uuid,
  plan_digest text NOT NULL DEFAULT '',     -- what the plan said when it was made: the same id again must say the same
  state text NOT NULL CHECK (state IN ('planned','recorded','cancelled')), cancel_reason text NOT NULL DEFAULT '',
  flagged bool NOT NULL DEFAULT false,      -- cancelled, and a record sheet came all the same: a person decides
  happened_at timestamptz, recorded_at timestamptz, received_at timestamptz, late bool NOT NULL DEFAULT false, late_reason text NOT NULL DEFAULT '', -- late: 补录
  overall text NOT NULL DEFAULT '' CHECK (overall IN ('','standard','mostly','poor')), created_at timestamptz NOT NULL, version int NOT NULL DEFAULT 1);
CREATE INDEX visits_list ON visits (created_at DESC, id DESC);
CREATE INDEX visits_office ON visits (office_id, created_at DESC, id DESC);
CREATE INDEX visits_agency ON visits (agency_id, created_at DESC, id DESC);
CREATE INDEX visits_planned ON visits (created_at DESC, id DESC) WHERE state = 'planned';
CREATE INDEX visits_cancelled ON visits (created_at DESC, id DESC) WHERE state = 'cancelled';
CREATE INDEX visits_late ON visits (created_at DESC, id DESC) WHERE late;
CREATE INDEX visits_flagged ON visits (created_at DESC, id DESC) WHERE flagged;
CREATE INDEX visits_text ON visits USING gin (bigrams(number || ' ' || business_name));
CREATE TABLE visit_supervisors (visit_id uuid NOT NULL REFERENCES visits, account_id uuid NOT NULL REFERENCES accounts, PRIMARY KEY (visit_id, account_id));
CREATE INDEX visit_supervisors_account ON visit_supervisors (account_id);
CREATE TABLE visit_events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, visit_id uuid NOT NULL REFERENCES visits, deed text NOT NULL, state text NOT NULL, at timestamptz NOT NULL, actor_id uuid, actor_role text NOT NULL, text text NOT NULL DEFAULT '');
CREATE INDEX visit_events_visit ON visit_events (visit_id, id);
CREATE TRIGGER visit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON visit_events FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- A sheet row is one sealed version, kept byte for byte as it came. A correction is a new row with the next version and a reason.
-- Each author has a series of versions of his own on a visit; the sheet that nothing supersedes is in force.
CREATE TABLE sheets (
  id uuid PRIMARY KEY, visit_id uuid NOT NULL REFERENCES visits, author_id uuid NOT NULL REFERENCES accounts, version int NOT NULL CHECK (version >= 1), supersedes uuid REFERENCES sheets UNIQUE, reason text NOT NULL DEFAULT '',
  checklist_version int NOT NULL REFERENCES checklists, mode text NOT NULL CHECK (mode IN ('full','quick')), body jsonb NOT NULL, raw bytea NOT NULL, digest text NOT NULL,
  overall text NOT NULL CHECK (overall IN ('standard','mostly','poor')), stopped bool NOT NULL DEFAULT false, late_reason text NOT NULL DEFAULT '',
  standings jsonb NOT NULL DEFAULT '[]',    -- each officer's standing by the register, beside what the phone claimed
  remarks text[] NOT NULL DEFAULT '{}',     -- what the server points out; codes, the words are the front end's
  happened_at timestamptz NOT NULL, ended_at timestamptz NOT NULL, sealed_at timestamptz NOT NULL, received_at timestamptz NOT NULL, complete_at timestamptz,
  UNIQUE (visit_id, author_id, version), CHECK (version > 1 OR supersedes IS NULL)); -- a later version without: it corrects one that was never accepted
CREATE INDEX sheets_waiting ON sheets (visit_id) WHERE complete_at IS NULL;
-- visit_incomplete: photos of a record in force have not all arrived. For what is built on it: leads, problems, figures.
-- +goose StatementBegin
CREATE FUNCTION visit_incomplete(p_visit uuid) RETURNS bool LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM sheets s WHERE s.visit_id = p_visit AND s.complete_at IS NULL AND NOT EXISTS (SELECT FROM sheets n WHERE n.supersedes = s.id))
$$;
-- +goose StatementEnd
-- Another sealed record for a place already taken, by id or by version: kept for a person to choose from.
CREATE TABLE sheet_conflicts (
  id uuid PRIMARY KEY, sheet_id uuid NOT NULL REFERENCES sheets, kind text NOT NULL CHECK (kind IN ('same_id','same_version')), raw bytea NOT NULL, digest text NOT NULL, author_id uuid NOT NULL REFERENCES accounts, received_at timestamptz NOT NULL,
  settled_at timestamptz, settled_by uuid REFERENCES accounts, kept text NOT NULL DEFAULT '' CHECK (kept IN ('','first','other')), result_id uuid REFERENCES sheets, -- the version the other one became
  UNIQUE (sheet_id, digest), CHECK ((kept = 'other') = (result_id IS NOT NULL)));
CREATE INDEX sheet_conflicts_open ON sheet_conflicts (received_at) WHERE settled_at IS NULL;
-- findings: the failed items of a sheet, one row each. lead_id is set when it was raised; waived when a person let it rest.
CREATE TABLE findings (
  id uuid PRIMARY KEY, sheet_id uuid NOT NULL REFERENCES sheets, visit_id uuid NOT NULL REFERENCES visits, item text NOT NULL, severity text NOT NULL CHECK (severity IN ('redline','general','minor')), category text NOT NULL, text text NOT NULL, note text NOT NULL, on_spot bool NOT NULL DEFAULT false, -- corrected on the spot
  lead_id uuid REFERENCES leads, raised_at timestamptz, waived_reason text NOT NULL DEFAULT '', waived_by uuid, waived_at timestamptz, in_force bool NOT NULL DEFAULT true, UNIQUE (sheet_id, item));
CREATE INDEX findings_visit ON findings (visit_id);
CREATE INDEX findings_offered ON findings (id DESC) WHERE lead_id IS NULL AND waived_at IS NULL AND in_force AND NOT on_spot;
-- A sealed sheet is never edited: the program may only note that its custody is complete.
REVOKE UPDATE, DELETE, TRUNCATE ON sheets FROM suixing_app;
GRANT UPDATE (complete_at) ON sheets TO suixing_app;
