package metered

import (
	"context"

	"github.com/godbus/dbus/v5"
)

// manager is NetworkManager as it was when it was asked last.
type manager struct {
	bus   *bus
	inbox *inbox
	learn func(map[string]bool)

	owner   string // its connection; "": there is none that is to be listened to
	devices map[dbus.ObjectPath]device
}

// catchUp asks about what has changed. After an error it is to be called again.
func (m *manager) catchUp(ctx context.Context) error {
	anew, paths := m.inbox.take()
	if anew {
		all, err := m.begin(ctx)
		if err != nil {
			m.learn(verdicts(m.devices))
			m.inbox.again(true, nil)
			return err
		}
		paths = all
	}
	for n, path := range paths {
		if err := m.look(ctx, path); err != nil {
			m.learn(verdicts(m.devices))
			m.inbox.again(false, paths[n:])
			return err
		}
	}
	m.learn(verdicts(m.devices))
	return nil
}

// begin finds out who NetworkManager is, and lists its devices, with those that are known:
// they may be gone.
func (m *manager) begin(ctx context.Context) (paths []dbus.ObjectPath, err error) {
	owner, err := m.bus.owner(ctx)
	if err != nil {
		return nil, err
	}
	if owner != m.owner {
		m.devices = map[dbus.ObjectPath]device{}
	}
	m.owner = owner
	if owner != "" && m.bus.elsewhere(ctx, owner) {
		owner = ""
	}
	m.inbox.listenTo(owner)
	if owner == "" {
		clear(m.devices)
		return nil, nil
	}
	var listed []dbus.ObjectPath
	err = m.bus.ask(ctx, owner, managerPath, managerName+".GetDevices", nil, &listed)
	if err != nil && !isAnswer(err) {
		return nil, err
	}
	for path := range m.devices {
		paths = append(paths, path)
	}
	for _, path := range listed[:min(len(listed), maxDevices)] {
		if _, known := m.devices[path]; !known {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// look asks about one device. One that does not answer for itself is gone.
func (m *manager) look(ctx context.Context, path dbus.ObjectPath) error {
	var values map[string]dbus.Variant
	err := m.bus.ask(ctx, m.owner, path, propertyName+".GetAll", []any{deviceName}, &values)
	switch {
	case isAnswer(err) || !path.IsValid():
		delete(m.devices, path)
		return nil
	case err != nil:
		return err
	}
	if d, real := readDevice(values); real && len(m.devices) < maxDevices {
		m.devices[path] = d
	} else {
		delete(m.devices, path)
	}
	return nil
}
