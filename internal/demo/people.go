package demo

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"suixing/internal/account"
	"suixing/internal/actor"
	"suixing/internal/app"
	"suixing/internal/directory"
)

// Password opens every demo account; a server outside demo mode refuses to start while an account has it.
const Password = account.DemoPassword

// People are the demo's places and persons by the names that tests and demo data call them.
type People struct {
	Offices    []directory.Office
	Agencies   []directory.Agency // the township agencies in the order of the offices, then the county's
	Officers   map[uuid.UUID][]directory.Officer
	Businesses map[uuid.UUID][]directory.Business // by office
	// Accounts by username.
	Accounts map[string]actor.Actor
}

var townships = []string{"示例镇A", "示例镇B", "亢村镇", "示例镇C", "示例镇D", "示例镇E", "示例镇F", "示例镇G", "示例镇H", "示例镇I", "示例镇J"}

var surnames = []string{"张", "王", "李", "赵", "刘", "陈", "杨", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "郭"}
var given = []string{"示例甲", "示例乙", "示例丙", "示例丁"}

var trades = []struct{ name, kind, industry string }{
	{"小吃店", "household", "餐饮"}, {"制造有限公司", "company", "制造"}, {"建材经营部", "household", "零售"}, {"农资服务部", "household", "农资"},
	{"食品有限公司", "company", "食品加工"}, {"汽车修理厂", "company", "维修"}, {"养殖合作社", "farm", "养殖"}, {"物流有限公司", "company", "运输"},
}

// Settle makes the bureau, offices, agencies, officers, businesses and the demo accounts. Done twice it changes nothing.
func Settle(ctx context.Context, a *app.App) (People, error) {
	p := People{Officers: map[uuid.UUID][]directory.Officer{}, Businesses: map[uuid.UUID][]directory.Business{}, Accounts: map[string]actor.Actor{}}
	d, who := a.Directory, actor.System
	if _, err := d.SaveBureau(ctx, who, directory.Bureau{Name: "示例县司法局", County: "示例县", Prefix: "示司执监", Hotline: "0373-0000000"}); err != nil {
		return p, fmt.Errorf("demo bureau: %w", err)
	}
	for i, town := range townships {
		plaque := "2024-03-18"
		o, err := d.CreateOffice(ctx, who, directory.Office{Name: town + "司法所", Township: town, Prefix: fmt.Sprintf("示司%d", i+1), Phone: fmt.Sprintf("0373-00000%02d", i+1), PlaqueOn: &plaque, Active: true})
		if err != nil {
			return p, fmt.Errorf("demo office %s: %w", town, err)
		}
		p.Offices = append(p.Offices, o)
		ag, err := d.CreateAgency(ctx, who, directory.Agency{Name: town + "综合执法大队", Kind: "township", OfficeID: uuid.NullUUID{UUID: o.ID, Valid: true}, Active: true})
		if err != nil {
			return p, fmt.Errorf("demo agency of %s: %w", town, err)
		}
		p.Agencies = append(p.Agencies, ag)
	}
	for _, name := range []string{"示例县市场监督管理局", "示例县应急管理局"} {
		ag, err := d.CreateAgency(ctx, who, directory.Agency{Name: name, Kind: "county", Active: true})
		if err != nil {
			return p, fmt.Errorf("demo agency %s: %w", name, err)
		}
		p.Agencies = append(p.Agencies, ag)
	}
	if err := settleOfficers(ctx, a, &p); err != nil {
		return p, err
	}
	if err := settleBusinesses(ctx, a, &p); err != nil {
		return p, err
	}
	return p, settleAccounts(ctx, a, &p)
}

// settleOfficers gives each agency three officers with a valid credential and one whose credential has run out.
func settleOfficers(ctx context.Context, a *app.App, p *People) error {
	for i, ag := range p.Agencies {
		for j := range 4 {
			to := "2028-12-31"
			if j == 3 {
				to = "2025-12-31"
			}
			o, err := a.Directory.CreateOfficer(ctx, actor.System, directory.Officer{AgencyID: ag.ID, Name: surnames[(i*3+j)%len(surnames)] + given[j%len(given)],
				Credential: fmt.Sprintf("4107%02d%03d", i+1, j+1), ValidFrom: "2023-01-01", ValidTo: to, Status: "active"})
			if err != nil {
				return fmt.Errorf("demo officer: %w", err)
			}
			p.Officers[ag.ID] = append(p.Officers[ag.ID], o)
		}
	}
	return nil
}

func settleBusinesses(ctx context.Context, a *app.App, p *People) error {
	for i, o := range p.Offices {
		for j, t := range trades {
			code := ""
			if t.kind != "farm" { // a farm may have no code
				code = uscc(i, j)
			}
			b, err := a.Directory.CreateBusiness(ctx, actor.System, directory.Business{Name: o.Township + "示例" + t.name, USCC: code, Address: fmt.Sprintf("%s示例路%d号", o.Township, 10+j*7),
				Kind: t.kind, Industry: t.industry, OfficeID: uuid.NullUUID{UUID: o.ID, Valid: true}, Active: true, Confirmed: true})
			if err != nil {
				return fmt.Errorf("demo business: %w", err)
			}
			p.Businesses[o.ID] = append(p.Businesses[o.ID], b)
		}
	}
	return nil
}

// uscc makes a code with a right check character (GB 32100-2015) that no business has: region 999999.
func uscc(i, j int) string {
	base := fmt.Sprintf("91999999MA%03d%03dX", i+1, j+1)
	for _, c := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		if directory.CheckUSCC(base+string(c)) == "" {
			return base + string(c)
		}
	}
	return ""
}
