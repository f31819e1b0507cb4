package directory

import (
	"context"
	"fmt"
	"sort"

	"github.com/google/uuid"

	"suixing/internal/actor"
	"suixing/internal/fault"
	"suixing/internal/platform/audit"
	"suixing/internal/platform/db"
)

// ImportRow is one row of a file in the preview. Row is its number in the file, as the person sees it there.
type ImportRow struct {
	Row    int                `json:"row"`
	OK     bool               `json:"ok"`
	Errors []fault.FieldError `json:"errors"`
	Values map[string]string  `json:"values"`
}

// ImportReport is the preview, and after a commit what was taken: everything or nothing.
type ImportReport struct {
	Total     int         `json:"total"`
	Good      int         `json:"good"`
	Bad       int         `json:"bad"`
	Committed bool        `json:"committed"`
	Rows      []ImportRow `json:"rows"`
}

var officerTable = []column{
	{field: "name", heading: "姓名", also: []string{"执法人员", "执法人员姓名", "人员姓名"}, required: true, example: "张示例"},
	{field: "agency", heading: "执法单位", also: []string{"所在单位", "工作单位", "单位", "单位名称", "所属单位", "执法机关"}, required: true, hint: "写系统里的全称", example: "示例镇综合行政执法大队"},
	{field: "credential_number", heading: "执法证号", also: []string{"证号", "执法证件号", "行政执法证号", "行政执法证件号", "证件号", "证件号码", "执法证编号"}, required: true, kind: code, hint: "数字和字母，整列设为文本", example: "16072500001"},
	{field: "valid_from", heading: "有效期起", also: []string{"发证日期", "有效期自", "有效期开始", "起始日期"}, required: true, kind: day, hint: "2024-05-01", example: "2024-05-01"},
	{field: "valid_to", heading: "有效期止", also: []string{"有效期至", "到期日期", "有效期截止", "截止日期", "有效期限"}, required: true, kind: day, hint: "2029-04-30", example: "2029-04-30"},
	{field: "status", heading: "证件状态", also: []string{"状态"}, hint: "有效、暂扣、吊销；空着算有效", example: "有效", choices: []string{"有效", "暂扣", "吊销"}},
}

var businessTable = []column{
	{field: "name", heading: "名称", also: []string{"企业名称", "经营主体名称", "经营主体", "单位名称", "字号名称", "商户名称", "主体名称", "市场主体名称"}, required: true, example: "示例小吃店"},
	{field: "uscc", heading: "统一社会信用代码", also: []string{"信用代码", "社会信用代码", "统一代码", "统一信用代码", "社会统一信用代码"}, required: true, kind: code, hint: "18位，整列设为文本；没有就空着", example: "91350100M000100Y43"},
	{field: "kind", heading: "类别", also: []string{"主体类别", "类型", "主体类型", "企业类型"}, required: true, hint: "企业、个体工商户、农民专业合作社、其他", example: "个体工商户", choices: []string{"企业", "个体工商户", "农民专业合作社", "其他"}},
	{field: "address", heading: "地址", also: []string{"经营地址", "住所", "注册地址", "经营场所", "详细地址"}, hint: "乡镇、村、门牌", example: "示例镇人民路1号"},
	{field: "industry", heading: "行业", also: []string{"所属行业", "行业类别"}, example: "餐饮"},
	{field: "office", heading: "司法所", also: []string{"所属司法所", "所在乡镇", "乡镇", "辖区", "所属乡镇"}, hint: "写司法所或乡镇名称；空着表示县直", example: "示例镇"},
}

var statusWords = map[string]string{"": "active", "有效": "active", "正常": "active", "暂扣": Suspended, "吊销": Revoked, "撤销": Revoked, "注销": Revoked}

var kindWords = map[string]string{
	"企业": "company", "公司": "company", "有限责任公司": "company", "有限公司": "company", "个人独资企业": "company", "合伙企业": "company",
	"个体工商户": "household", "个体户": "household", "个体": "household", "农民专业合作社": "farm", "合作社": "farm", "家庭农场": "farm", "其他": "other", "其它": "other",
}

// ImportOfficers reads a file of officers; with commit it takes all of them or, if one row is bad, none.
func (s *Service) ImportOfficers(ctx context.Context, who actor.Actor, body []byte, commit bool) (ImportReport, error) {
	if !keeper(who) {
		return ImportReport{}, fault.Denied()
	}
	lines, err := s.read(ctx, body, officerTable)
	if err != nil {
		return ImportReport{}, err
	}
	all, err := s.Directory(ctx, who)
	if err != nil {
		return ImportReport{}, err
	}
	agencies := map[string]uuid.UUID{}
	for _, a := range all.Agencies {
		if a.Active {
			agencies[a.Name] = a.ID
		}
	}
	list := make([]Officer, len(lines))
	for i := range lines {
		list[i] = officerOf(&lines[i], agencies)
	}
	numbers := make([]string, len(list))
	for i, o := range list {
		numbers[i] = o.Credential
	}
	taken, err := takenCredentials(ctx, s.db, numbers)
	if err != nil {
		return ImportReport{}, err
	}
	markTwice(lines, numbers, taken, "credential_number", "这个执法证号")
	return s.finish(ctx, who, lines, commit, "officer.import", func(tx *db.DB) error { return insertOfficers(ctx, tx, list) })
}

func officerOf(l *line, agencies map[string]uuid.UUID) Officer {
	o := Officer{ID: uuid.Must(uuid.NewV7()), Name: l.values["name"], Credential: l.values["credential_number"], ValidFrom: l.values["valid_from"], ValidTo: l.values["valid_to"]}
	var known bool
	if o.Status, known = statusWords[l.values["status"]]; !known {
		l.add("status", "证件状态只写有效、暂扣或吊销。")
		o.Status = "active"
	}
	if o.AgencyID, known = agencies[l.values["agency"]]; !known && l.values["agency"] != "" {
		l.add("agency", "系统里没有“"+l.values["agency"]+"”这个在用单位。请写全称，或先添加这个单位。")
	}
	l.merge(o.check(), map[string]string{"agency_id": "agency"})
	l.values["credential_number"] = o.Credential
	return o
}

// merge adds what a field check found, except where the cell itself was already wrong.
func (l *line) merge(err error, rename map[string]string) {
	wrong := map[string]bool{}
	for _, f := range l.checks {
		wrong[f.Field] = true
	}
	for _, f := range fieldsOf(err) {
		if to, ok := rename[f.Field]; ok {
			f.Field = to
		}
		if !wrong[f.Field] {
			l.add(f.Field, f.Message)
		}
	}
}

// ImportBusinesses reads a file of businesses; with commit it takes all of them or, if one row is bad, none.
// An office brings in those of its own township only.
func (s *Service) ImportBusinesses(ctx context.Context, who actor.Actor, body []byte, commit bool) (ImportReport, error) {
	if !keeper(who) && !who.Is(actor.Office) {
		return ImportReport{}, fault.Denied()
	}
	lines, err := s.read(ctx, body, businessTable)
	if err != nil {
		return ImportReport{}, err
	}
	all, err := s.Directory(ctx, who)
	if err != nil {
		return ImportReport{}, err
	}
	offices := map[string]uuid.UUID{}
	for _, o := range all.Offices {
		if o.Active {
			offices[o.Name], offices[o.Township] = o.ID, o.ID
		}
	}
	list := make([]Business, len(lines))
	for i := range lines {
		list[i] = businessOf(&lines[i], who, offices)
	}
	if err := s.markKnownBusinesses(ctx, lines, list); err != nil {
		return ImportReport{}, err
	}
	return s.finish(ctx, who, lines, commit, "business.import", func(tx *db.DB) error { return insertBusinesses(ctx, tx, list) })
}

func businessOf(l *line, who actor.Actor, offices map[string]uuid.UUID) Business {
	b := Business{ID: uuid.Must(uuid.NewV7()), Name: l.values["name"], USCC: l.values["uscc"], Address: l.values["address"], Industry: l.values["industry"], Confirmed: true}
	var known bool
	if b.Kind, known = kindWords[l.values["kind"]]; !known {
		l.add("kind", "类别只写企业、个体工商户、农民专业合作社或其他。")
	}
	if place := l.values["office"]; place != "" {
		id, known := offices[place]
		b.OfficeID = uuid.NullUUID{UUID: id, Valid: known}
		if !known {
			l.add("office", "系统里没有“"+place+"”这个司法所或乡镇。")
		}
	}
	var err error
	if b.OfficeID, err = placeOf(who, b.OfficeID); err != nil {
		l.add("office", "只能导入本司法所辖区的经营主体。")
	}
	l.merge(b.check(), map[string]string{"office_id": "office"})
	l.values["uscc"] = b.USCC
	return b
}

func (s *Service) markKnownBusinesses(ctx context.Context, lines []line, list []Business) error {
	codes, pairs := make([]string, len(list)), make([]string, len(list))
	var names, addresses []string
	for i, b := range list {
		if codes[i] = b.USCC; b.USCC == "" && b.Name != "" {
			pairs[i] = b.Name + "\t" + b.Address
			names, addresses = append(names, b.Name), append(addresses, b.Address)
		}
	}
	taken, err := takenCodes(ctx, s.db, codes)
	if err != nil {
		return err
	}
	markTwice(lines, codes, taken, "uscc", "这个统一社会信用代码")
	if taken, err = takenNames(ctx, s.db, names, addresses); err != nil {
		return err
	}
	markTwice(lines, pairs, taken, "name", "同名同地址的主体")
	return nil
}

// markTwice points out keys that stand twice in the file, and keys that the register has. Empty keys do not count.
func markTwice(lines []line, keys []string, taken map[string]bool, field, what string) {
	first := map[string]int{}
	for i, k := range keys {
		switch at, twice := first[k]; {
		case k == "":
		case twice:
			lines[i].add(field, fmt.Sprintf("%s在第%d行已经有了，留一行就行。", what, at))
		case taken[k]:
			lines[i].add(field, what+"登记册里已经有了，请删去这一行。")
			first[k] = lines[i].number
		default:
			first[k] = lines[i].number
		}
	}
}

// read parses one file at a time; the others wait in line.
func (s *Service) read(ctx context.Context, body []byte, columns []column) ([]line, error) {
	select {
	case s.importing <- struct{}{}:
		defer func() { <-s.importing }()
	case <-ctx.Done():
		return nil, fault.New(fault.TooMany, "busy", "别人正在导入，请过一会儿再试。")
	}
	return readTable(body, columns)
}

// finish makes the report and, when asked to and nothing is bad, writes all of it in one transaction.
func (s *Service) finish(ctx context.Context, who actor.Actor, lines []line, commit bool, deed string, write func(tx *db.DB) error) (ImportReport, error) {
	r := ImportReport{Total: len(lines), Rows: make([]ImportRow, len(lines))}
	for i, l := range lines {
		errs := []fault.FieldError(l.checks)
		sort.SliceStable(errs, func(a, b int) bool { return errs[a].Field < errs[b].Field })
		if errs == nil {
			errs = []fault.FieldError{}
			r.Good++
		} else {
			r.Bad++
		}
		r.Rows[i] = ImportRow{Row: l.number, OK: len(errs) == 0, Errors: errs, Values: l.values}
	}
	if !commit || r.Bad > 0 {
		return r, nil
	}
	err := s.db.InTx(ctx, func(tx *db.DB) error {
		if err := write(tx); err != nil {
			return err
		}
		return audit.Append(ctx, tx, s.now(), who, deed, "import", uuid.Must(uuid.NewV7()), map[string]int{"rows": r.Total})
	})
	r.Committed = err == nil
	return r, err
}
