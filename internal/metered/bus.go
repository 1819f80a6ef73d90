package metered

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/godbus/dbus/v5"
)

// Names of D-Bus and of NetworkManager.
const (
	busName       = "org.freedesktop.DBus"
	busPath       = "/org/freedesktop/DBus"
	managerName   = "org.freedesktop.NetworkManager"
	managerPath   = "/org/freedesktop/NetworkManager"
	deviceName    = managerName + ".Device"
	devicesPath   = managerPath + "/Devices"
	propertyName  = busName + ".Properties"
	ownerChanged  = "NameOwnerChanged"
	deviceAdded   = "DeviceAdded"
	deviceRemoved = "DeviceRemoved"
	changedSignal = "PropertiesChanged"
)

var (
	errBus    = errors.New("the bus does not answer")
	errClosed = errors.New("the bus has closed the connection")
)

// bus is a connection to the system bus.
type bus struct {
	*dbus.Conn
	stop func() bool // lets a context that ends not close it any more
}

// connect connects to the first bus that listens. Its signals go to the inbox.
func connect(ctx context.Context, addresses []address, inbox *inbox) (*bus, error) {
	for _, a := range addresses {
		dialer := net.Dialer{Timeout: patience}
		socket, err := dialer.DialContext(ctx, "unix", string(a))
		if err == nil {
			return greet(ctx, &stream{Conn: socket}, inbox)
		}
	}
	return nil, errNoBus
}

// greet authenticates, as the user that this process has.
func greet(ctx context.Context, s *stream, inbox *inbox) (*bus, error) {
	stop := context.AfterFunc(ctx, func() { s.Close() })
	_ = s.SetReadDeadline(time.Now().Add(patience))
	conn, err := dbus.NewConn(s, dbus.WithSignalHandler(inbox))
	if err != nil {
		s.Close()
		return nil, err
	}
	b := &bus{conn, stop}
	if err := conn.Auth(nil); err != nil {
		b.close()
		return nil, err
	}
	if err := conn.Hello(); err != nil {
		b.close()
		return nil, err
	}
	_ = s.SetReadDeadline(time.Time{})
	return b, nil
}

func (b *bus) close() {
	b.stop()
	_ = b.Close()
}

// subscribe asks for the signals that tell of changes.
func (b *bus) subscribe(ctx context.Context) error {
	fromManager := dbus.WithMatchSender(managerName)
	rules := [][]dbus.MatchOption{
		{dbus.WithMatchSender(busName), dbus.WithMatchInterface(busName), dbus.WithMatchMember(ownerChanged), dbus.WithMatchArg(0, managerName)},
		{fromManager, dbus.WithMatchObjectPath(managerPath), dbus.WithMatchInterface(managerName), dbus.WithMatchMember(deviceAdded)},
		{fromManager, dbus.WithMatchObjectPath(managerPath), dbus.WithMatchInterface(managerName), dbus.WithMatchMember(deviceRemoved)},
		{fromManager, dbus.WithMatchPathNamespace(devicesPath), dbus.WithMatchInterface(propertyName), dbus.WithMatchMember(changedSignal), dbus.WithMatchArg(0, deviceName)},
	}
	for _, rule := range rules {
		ctx, cancel := context.WithTimeout(ctx, patience)
		err := b.AddMatchSignalContext(ctx, rule...)
		cancel()
		if err != nil {
			return fmt.Errorf("%w: %w", errBus, err)
		}
	}
	return nil
}

// ask calls a method, and stores the answer in values.
func (b *bus) ask(ctx context.Context, name string, path dbus.ObjectPath, method string, args []any, values ...any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return b.Object(name, path).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...).Store(values...)
}

// owner is the unique name of NetworkManager's connection, "" where there is none.
func (b *bus) owner(ctx context.Context) (owner string, err error) {
	err = b.ask(ctx, busName, busPath, busName+".GetNameOwner", []any{managerName}, &owner)
	if isAnswer(err) {
		return "", nil // NameHasNoOwner
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", errBus, err)
	}
	return owner, nil
}

// isAnswer tells whether an error is one that somebody has answered.
func isAnswer(err error) bool {
	var answer dbus.Error
	return errors.As(err, &answer)
}
