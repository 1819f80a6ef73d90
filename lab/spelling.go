package lab

import "strings"

// Names reach the command lines we show and files under /run, so they are held
// to what needs no quoting. (By hand: compiled expressions would cost each start
// of a program that links this package.)

// spelling is of a text: a letter or digit first, then those and some others.
type spelling struct {
	others string
	most   int // bytes
}

var (
	nameSpelling      = spelling{"_-", 63}
	interfaceSpelling = spelling{"._-", 63}
	sysctlSpelling    = spelling{" \t._:,/-", 4096}
)

func (s spelling) matches(text string) bool {
	return text != "" && len(text) <= s.most && isAlphanumeric(text[0]) && consists(text, s.others)
}

// consists reports whether there are only letters, digits and some others in a
// text.
func consists(text, others string) bool {
	for i := range len(text) {
		if !isAlphanumeric(text[i]) && strings.IndexByte(others, text[i]) < 0 {
			return false
		}
	}
	return true
}

func isAlphanumeric(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// ValidName reports whether a lab, a host or a link may be called so.
func ValidName(name string) bool { return nameSpelling.matches(name) }

// validSysctlValue: words and numbers, also below zero.
func validSysctlValue(value string) bool {
	digits, negative := strings.CutPrefix(value, "-")
	if negative {
		return digits != "" && strings.Trim(digits, "0123456789") == ""
	}
	return sysctlSpelling.matches(value)
}

func validVariable(name string) bool {
	return name != "" && !isDigit(name[0]) && consists(name, "_")
}

func isPlainWord(word string) bool { return word != "" && consists(word, "._:,/=@%+-") }
