package page

import (
	"crypto/sha256"
	_ "embed" // style and script
	"encoding/base64"
)

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// policy lets the browser use this style and this script, and load nothing.
func policy() string {
	return "default-src 'none'; style-src " + digest(pageStyle+graphStyle) +
		"; script-src " + digest(pageScript) + "; base-uri 'none'; form-action 'none'"
}

// digest is how a policy names text (W3C, Content Security Policy, section 2.3.1).
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func (p *Page) head(out *pen) {
	out.put(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%v">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>%v</title>
<style>%v%v</style>
</head>
<body>
<a class="skip" href="#connections">To the connections</a>
<header>
<h1>%[2]v</h1>
`, markup(policy()), p.title(), markup(pageStyle), markup(graphStyle))
	if len(p.Files) > 0 {
		out.raw(`<p class="files">`)
		for i, file := range p.Files {
			if i > 0 {
				out.raw(", ")
			}
			out.put(`<bdi>%v</bdi>`, file)
		}
		out.raw("</p>\n")
	}
	out.raw("</header>\n<main>\n")
}

func (p *Page) foot(out *pen) {
	out.raw("</main>\n<footer>\n<p>Times and round trips are by the clock of the capture, seen from where it was made. Numbers of bytes are exact. A dash is what the packets do not tell.</p>\n")
	if !p.Generated.IsZero() {
		out.put("<p>Written by allroads, %v.</p>\n", p.Generated.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	out.put("</footer>\n<script>%v</script>\n</body>\n</html>\n", markup(pageScript))
}
