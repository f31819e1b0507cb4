package door

import "testing"

func TestQuotes(t *testing.T) {
	const said = "他们让我买指定的灭火器，还说不买就停业整顿。是青石镇综合执法队来的。"
	for text, want := range map[string]bool{
		"一家企业反映被要求买指定的灭火器": false, // seven in a row
		"企业说：让我买指定的灭火器":    true,
		"让我买，指定的“灭 火 器”":   true, // what stands between does not count
		"有人说不买就停业整顿":       true,
		"青石镇综合执法队要核实":      false, // a unit's name
		"":                 false,
		"反映指定购买器材，并以停业相逼，要求核实。": false,
	} {
		if got := Quotes(said, text, 8, "青石镇综合执法队"); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if !Quotes(said, "青石镇综合执法队要核实", 8) {
		t.Error("a name is no quotation only where it is excepted")
	}
	for name, want := range map[string]bool{"王小满": true, "13800001234": true, "１３８-0000-1234": true, "王": false, "李四": false, "": false} {
		if got := Names(name, "王 小满，电话138 0000 1234"); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
