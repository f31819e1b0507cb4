package complaint

// Class is one entry of DOMAIN F.2: a code and, in the second level, what belongs under it.
type Class struct {
	Code  string  `json:"code"`
	Words string  `json:"words"`
	Under []Class `json:"under" nullable:"false"`
}

func kinds(pairs ...string) []Class {
	out := make([]Class, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, Class{Code: pairs[i], Words: pairs[i+1], Under: []Class{}})
	}
	return out
}

// Classes is the classification of complaints in two levels; the first level is the problem's category.
var Classes = []Class{
	{"inaction", "不作为", kinds("no_filing", "有案不立", "passing_on", "推诿扯皮", "overtime", "超期")},
	{"misconduct", "乱作为", kinds("wanton_check", "乱检查", "wanton_fine", "乱罚款", "wanton_fee", "乱收费", "wanton_seizure", "乱查封扣押", "beyond_power", "越权",
		"out_of_area", "异地执法", "fine_for_rule", "以罚代管")},
	{"procedure", "程序违法", kinds("no_badge", "未亮证", "alone", "一人执法", "rights_untold", "未告知权利", "unheard", "未听陈述申辩", "undelivered", "未送达")},
	{"manner", "不文明", kinds("language", "用语", "rough", "粗暴")},
	{"integrity", "廉洁", kinds("bribes", "吃拿卡要", "agents", "指定中介")},
	{"discretion", "裁量不当", kinds("excess", "过罚不当", "unequal", "同案不同罚")},
	{"qualification", "人员资格", kinds("uncertified", "无证上岗", "auxiliary", "辅助人员执法")},
	{"paperwork", "文书案卷", []Class{}},
	{"disturbance", "检查扰企", kinds("too_often", "频次过高", "repeated", "多头重复")},
	{"other", "其他", []Class{}},
}

// classed tells whether the two levels fit together; an empty second level fits every first.
func classed(category, subcategory string) bool {
	for _, c := range Classes {
		if c.Code != category {
			continue
		}
		if subcategory == "" {
			return true
		}
		for _, u := range c.Under {
			if u.Code == subcategory {
				return true
			}
		}
	}
	return false
}

// Ground is why a complaint is not taken on (DOMAIN F.3).
type Ground struct {
	Code  string `json:"code"`
	Words string `json:"words"`
}

// Grounds are the reasons for refusing; each says what the person is told.
var Grounds = []Ground{
	{"not_enforcement", "反映的不是行政执法行为"},
	{"elsewhere", "已经进入行政复议、诉讼、监察或信访程序"},
	{"no_clue", "匿名反映，没有可以查证的线索"},
	{"nothing_new", "已经答复过，没有新的事实和理由"},
	{"settled", "执法单位已经依法处理完毕"},
}

func codes(list []Ground) []string {
	out := make([]string, len(list))
	for i, g := range list {
		out[i] = g.Code
	}
	return out
}

func groundWords(code string) string {
	for _, g := range Grounds {
		if g.Code == code {
			return g.Words
		}
	}
	return ""
}
