package demo

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"suixing/internal/account"
	"suixing/internal/actor"
	"suixing/internal/app"
)

// person is a demo account: place is an index into Offices or Agencies.
type person struct {
	username, name string
	role           actor.Role
	place          int
	certificate    string
}

// The accounts of DESIGN section 5, then the nine more supervisors that make eleven (DOMAIN section H, M05), and a desk for
// every other office and agency: what is done there is done by somebody of that place.
func persons() []person {
	list := []person{
		{"county", "县局 周示例", actor.County, 0, ""}, {"leader", "分管局长 郑示例", actor.Leader, 0, ""},
		{"office", "司法所 王示例", actor.Office, 0, "豫监0001"}, {"office2", "司法所 冯示例", actor.Office, 1, "豫监0002"},
		{"supervisor", "测试员甲", actor.Supervisor, 0, "豫监1001"}, {"supervisor2", "测试员乙", actor.Supervisor, 0, ""},
		{"agency", "执法大队 陈示例", actor.Agency, 0, ""}, {"agency2", "执法大队 褚示例", actor.Agency, 1, ""},
		{"hotline", "热线 蒋示例", actor.Hotline, 0, ""}, {"admin", "管理员", actor.Admin, 0, ""}, {"auditor", "审计员", actor.Auditor, 0, ""},
	}
	names := []rune("丙丁戊己庚辛壬癸子")
	for i, n := range names {
		list = append(list, person{fmt.Sprintf("supervisor%d", i+3), "测试员" + string(n), actor.Supervisor, i + 1, fmt.Sprintf("豫监1%03d", i+3)})
	}
	for i, n := range []rune("沈韩杨朱秦尤许何吕") {
		list = append(list, person{fmt.Sprintf("office%d", i+3), "司法所 " + string(n) + "示例", actor.Office, i + 2, fmt.Sprintf("豫监%04d", i+3)})
	}
	for i, n := range []rune("卫施张孔曹严华金魏陶姜") {
		unit := "执法大队 "
		if i+2 >= len(townships) {
			unit = "执法单位 "
		}
		list = append(list, person{fmt.Sprintf("agency%d", i+3), unit + string(n) + "示例", actor.Agency, i + 2, ""})
	}
	return list
}

func settleAccounts(ctx context.Context, a *app.App, p *People) error {
	for _, d := range persons() {
		f := account.Form{Username: d.username, Name: d.name, Role: d.role, Certificate: d.certificate}
		who := actor.Actor{Role: d.role, Name: d.name, Certified: d.certificate != ""}
		if who.Is(actor.Office, actor.Supervisor) {
			f.OfficeID = uuid.NullUUID{UUID: p.Offices[d.place].ID, Valid: true}
		}
		if who.Is(actor.Agency) {
			f.AgencyID = uuid.NullUUID{UUID: p.Agencies[d.place].ID, Valid: true}
		}
		acc, err := a.Account.CreateDemoAccount(ctx, f)
		if err != nil {
			return fmt.Errorf("demo account %s: %w", d.username, err)
		}
		who.ID, who.OfficeID, who.AgencyID = acc.ID, f.OfficeID, f.AgencyID
		p.Accounts[d.username] = who
	}
	return nil
}
