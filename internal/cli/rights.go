package cli

import "allroads/internal/netns"

// withRights runs what needs the rights to make networks: here if this process
// has them, else in another that is this program again, as root of a user
// namespace.
func withRights(run func() error) error {
	privileged, err := netns.Privileged()
	if err != nil {
		return err
	}
	if !privileged && !netns.Inside() {
		inForeground.Store(true) // The other one decides what signals mean.
		code, err := netns.Rerun()
		if err == nil && code != exitYes {
			err = status(code)
		}
		return err
	}
	if err := netns.Rights(); err != nil {
		return err
	}
	return run()
}
