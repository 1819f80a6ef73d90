package choose

import "net/netip"

// parsed is a rule as it was written.
type parsed struct {
	option, text string
	name         string // to be looked up, or ""
	ports        ports
	rules        []rule // what it means
}

func (l *lookup) parseAll(option string, texts []string) ([]parsed, error) {
	list := make([]parsed, 0, len(texts))
	for _, text := range texts {
		p := parsed{option: option, text: text}
		if err := l.parse(&p); err != nil {
			return nil, &RuleError{option, text, err.Error()}
		}
		list = append(list, p)
	}
	return list, nil
}

func (l *lookup) parse(p *parsed) (err error) {
	if err := mistaken(p.text); err != nil {
		return err
	}
	host, slash, portText, err := split(p.text)
	if err != nil {
		return err
	}
	if p.ports, err = l.parsePorts(portText); err != nil {
		return err
	}
	if host == "" {
		p.rules = []rule{{ports: p.ports}}
		return nil
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		p.name = host
		return checkName(host, p.text)
	}
	network, err := networkOf(ip, slash)
	p.rules = []rule{{network, p.ports}}
	return err
}
