package sketch

// What tests need to know of text.
var (
	Columns   = columns
	TextWidth = textWidth
	Clean     = clean
)
