package lab

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"allroads/pathmanager"
)

// StateSchema is the version of State in JSON.
const StateSchema = "allroads.lab/1"

// State is what a lab that is up is like now, as the kernel says.
type State struct {
	Schema string      `json:"schema"`
	Name   string      `json:"name"`
	Hosts  []HostState `json:"hosts"`
	Links  []LinkState `json:"links"`
}

// HostState is what a host is like.
type HostState struct {
	Name      string              `json:"name"`
	Kind      string              `json:"kind"` // host, router or switch
	Namespace uint64              `json:"namespace"`
	Limits    *pathmanager.Limits `json:"limits,omitempty"`
	Endpoints []EndpointConfig    `json:"endpoints,omitempty"`
	Processes []ProcessState      `json:"processes,omitempty"`
	Hits      *uint64             `json:"middlebox_hits,omitempty"` // packets that a router's middlebox did something to
}

// ProcessState is what a process of the topology is like.
type ProcessState struct {
	Name  string `json:"name"`
	Pid   int    `json:"pid"`
	Ended string `json:"ended,omitempty"` // how; "": it runs
}

// LinkState is what a link is like.
type LinkState struct {
	Name   string     `json:"name"`
	Engine string     `json:"engine"` // what its packets pass: kernel or userspace
	Hits   *uint64    `json:"middlebox_hits,omitempty"`
	Ends   []EndState `json:"ends"`
}

// EndState is what an end of a link is like.
type EndState struct {
	Host       string         `json:"host"`
	Interface  string         `json:"interface"`
	Addresses  []netip.Prefix `json:"addresses"` // without those that the kernel made
	Up         bool           `json:"up"`
	MTU        int            `json:"mtu"`
	Impairment `json:"sends"`
}

// State asks the kernel about all hosts and links.
func (l *Lab) State() (*State, error) {
	if len(l.hosts) == 0 {
		return nil, fmt.Errorf("state of lab %s: %w", l.Topology.Name, errClosed)
	}
	s := &State{Schema: StateSchema, Name: l.Topology.Name}
	for at, config := range l.Topology.nodes() {
		if err := s.addHost(l, config.Name, map[any]string{"hosts": "host", "routers": "router"}[at[0]]); err != nil {
			return nil, err
		}
	}
	for _, config := range l.Topology.Switches {
		if err := s.addHost(l, config.Name, "switch"); err != nil {
			return nil, err
		}
	}
	for i := range l.Topology.Links {
		if err := s.addLink(l.links[l.Topology.Links[i].Name]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *State) addHost(l *Lab, name, kind string) error {
	host := l.hosts[name]
	inode, err := host.ns.Inode()
	if err != nil {
		return err
	}
	state := HostState{Name: name, Kind: kind, Namespace: inode}
	for _, p := range host.processes {
		state.Processes = append(state.Processes, p.state())
	}
	if kind != "switch" {
		if err := state.readMPTCP(host); err != nil {
			return err
		}
	}
	if l.Topology.meddles(name) {
		hits, err := l.Hits(name)
		if err != nil {
			return err
		}
		state.Hits = &hits
	}
	s.Hosts = append(s.Hosts, state)
	return nil
}

func (p *Process) state() ProcessState {
	s := ProcessState{Name: p.Name, Pid: p.Pid()}
	if ended, err := p.Ended(); ended {
		s.Ended = endOf(err)
	}
	return s
}

func (s *HostState) readMPTCP(host *Host) error {
	limits, err := host.pm.Limits(context.Background())
	if err != nil {
		return fmt.Errorf("state of %s: %w", s.Name, err)
	}
	s.Limits = &limits
	endpoints, err := host.pm.Endpoints(context.Background())
	if err != nil {
		return fmt.Errorf("state of %s: %w", s.Name, err)
	}
	for _, e := range endpoints {
		config := EndpointConfig{Address: e.Addr, ID: e.ID, Port: e.Port, Flags: strings.Fields(e.Flags.String())}
		if e.IfIndex != 0 {
			if config.Dev, err = host.deviceName(e.IfIndex); err != nil {
				return err
			}
		}
		s.Endpoints = append(s.Endpoints, config)
	}
	return nil
}

func (h *Host) deviceName(index int) (name string, err error) {
	err = h.Run(func() error {
		device, err := net.InterfaceByIndex(index)
		if err == nil {
			name = device.Name
		}
		return err
	})
	return name, err
}

func (s *State) addLink(link *Link) error {
	state := LinkState{Name: link.Name, Engine: link.engine()}
	if link.box != nil {
		hits, err := link.lab.Hits(link.Name)
		if err != nil {
			return err
		}
		state.Hits = &hits
	}
	for end := range link.config.Ends {
		e := EndState{
			Host: link.config.Ends[end].Host, Interface: link.device(end), Impairment: link.Impairment(end),
			Addresses: []netip.Prefix{},
		}
		if err := e.read(link.host(end)); err != nil {
			return fmt.Errorf("state of link %s: %w", link.Name, err)
		}
		state.Ends = append(state.Ends, e)
	}
	s.Links = append(s.Links, state)
	return nil
}

// read asks for the interface; one that somebody has removed is down.
func (e *EndState) read(host *Host) error {
	return host.Run(func() error {
		device, err := net.InterfaceByName(e.Interface)
		if err != nil {
			return nil
		}
		e.Up, e.MTU = device.Flags&net.FlagUp != 0, device.MTU
		addresses, err := device.Addrs()
		for _, a := range addresses {
			prefix, err := netip.ParsePrefix(a.String())
			if err == nil && !prefix.Addr().IsLinkLocalUnicast() {
				e.Addresses = append(e.Addresses, prefix)
			}
		}
		return err
	})
}
