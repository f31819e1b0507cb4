package feedback

import "slices"

// fact is one question of DOMAIN E.2 with yes, no, unsure. bad is the answer that speaks against the inspection.
type fact struct {
	id, ask, short, bad, category string
	required                      bool
}

var facts = []fact{
	{"F1", "执法人员是两人以上吗？", "执法人员不到两人", "no", "procedure", true},
	{"F2", "他们主动出示执法证了吗？", "没有出示执法证", "no", "procedure", true},
	{"F3", "给您看检查通知书了吗？", "没有检查通知书", "no", "procedure", true},
	{"F4", "说明为什么查、依据什么查了吗？", "没有说明为什么查", "no", "procedure", true},
	{"F5", "告诉您可以陈述、申辩了吗？", "没有告知可以陈述、申辩", "no", "procedure", true},
	{"F6", "告诉您检查结果了吗？", "没有告知检查结果", "no", "procedure", true},
	{"F7", "影响您正常经营了吗？", "影响正常经营", "yes", "disturbance", true},
	{"F8", "有乱收费、乱罚款、乱查封吗？", "乱收费、乱罚款、乱查封", "yes", "misconduct", true},
	{"F9", "有吃请、收礼、要您出钱的情况吗？", "吃请、收礼、要出钱", "yes", "integrity", true},
	{"F10", "指定中介，或重复检查了吗？", "指定中介或重复检查", "yes", "disturbance", false},
}

// gravity is the order in which a lead names them: what the checklist calls a red line first (DOMAIN D.2), then what was
// done to the business, then what was left out.
var gravity = []string{"F9", "F8", "F1", "F2", "F7", "F3", "F5", "F4", "F6", "F10"}

func byGravity(list []fact) []fact {
	slices.SortStableFunc(list, func(a, b fact) int { return slices.Index(gravity, a.id) - slices.Index(gravity, b.id) })
	return list
}

type rating struct{ id, ask string }

var ratings = []rating{
	{"R1", "执法规范"}, {"R2", "用语和态度"}, {"R3", "讲道理、讲法律"}, {"R4", "廉洁"}, {"R5", "效率和对经营的影响"}, {"R0", "总的来说"},
}

type word struct{ code, words, broken string } // broken: with a line break, for a narrow choice

var kinds = []word{{"company", "企业", ""}, {"household", "个体户", ""}, {"farm", "农户、个人", "农户<br>个人"}, {"other", "其他", ""}}

var matters = []word{
	{"safety", "安全生产", ""}, {"appearance", "市容市貌", ""}, {"construction", "违法建设", ""}, {"land", "土地", ""}, {"environment", "环保", ""},
	{"food", "食品", ""}, {"agriculture", "农业", ""}, {"fire", "消防", ""}, {"other", "其他", ""},
}

var answers = []word{{"yes", "是", ""}, {"no", "否", ""}, {"unsure", "不清楚", ""}}

// The wire of the form is short: the page must reach a phone on 2G.
var short = map[string]string{"yes": "y", "no": "n", "unsure": "u"}

var long = map[string]string{"y": "yes", "n": "no", "u": "unsure"}

var levels = []word{{"5", "非常满意", "非常<br>满意"}, {"4", "满意", ""}, {"3", "基本满意", "基本<br>满意"}, {"2", "不满意", ""}, {"1", "非常不满意", "非常<br>不满意"}}

// elderLevels: three levels mapped to 5, 3, 1.
var elderLevels = []word{{"5", "满意", ""}, {"3", "基本满意", ""}, {"1", "不满意", ""}}

var levelWords = map[int]string{5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}

var kindWords, matterWords = wordsOf(kinds), wordsOf(matters)

func wordsOf(list []word) map[string]string {
	out := map[string]string{}
	for _, w := range list {
		out[w.code] = w.words
	}
	return out
}
