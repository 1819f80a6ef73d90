package config

// MarshalYAML writes what is set. (The YAML library takes each address for an empty one,
// because it sees no fields in it.)
func (a Announcement) MarshalYAML() (any, error) {
	written := struct {
		Address string `yaml:"address,omitempty"`
		Port    uint16 `yaml:"port,omitempty"`
		Listen  uint16 `yaml:"listen,omitempty"`
	}{Port: a.Port, Listen: a.Listen}
	if a.Address.IsValid() {
		written.Address = a.Address.String()
	}
	return written, nil
}
