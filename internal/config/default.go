package config

import "time"

// What a configuration without a file says, and what counts where one leaves a thing open.
const (
	defaultCheckEvery = time.Minute
	defaultSubflows   = 8
	defaultStall      = 500 * time.Millisecond
	defaultRecovered  = 5 * time.Second
)

// Host is allroadsd's own namespace, and AllWithMPTCP all in which sockets of MPTCP can be
// made (net.mptcp.enabled=1, as it is from the start), in Config.Namespaces.
const (
	Host         = "host"
	AllWithMPTCP = "all-with-mptcp"
)

// Default is the configuration without any file.
func Default() *Config {
	return &Config{
		Namespaces: []string{Host},
		Mode:       Auto,
		Strategy:   Strategy{}.completed(),
		OnStop:     Remove,
		CheckEvery: defaultCheckEvery,
	}
}

// complete decides what is left open. (CheckEvery is not: 0 says never.)
func (c *Config) complete() {
	d := Default()
	if c.Namespaces == nil {
		c.Namespaces = d.Namespaces
	}
	if c.Mode == "" {
		c.Mode = d.Mode
	}
	if c.OnStop == "" {
		c.OnStop = d.OnStop
	}
	c.Strategy = c.Strategy.completed()
}

// completed is the strategy with nothing left open but the bounds that there need not be.
func (s Strategy) completed() Strategy {
	if s.Kind == "" {
		s.Kind = Fullmesh
	}
	if s.Kind == NoPaths {
		return s
	}
	if s.Subflows == 0 {
		s.Subflows = max(defaultSubflows, s.N-1)
	}
	if s.Join == "" && s.Kind == BackupPath {
		s.Join = AtOnce
	}
	if s.Bad.Stall == 0 {
		s.Bad.Stall = defaultStall
	}
	if s.Recovered == 0 {
		s.Recovered = defaultRecovered
	}
	return s
}
