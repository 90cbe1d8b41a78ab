package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/statordb/stator/internal/option"
)

// isLocal reports whether a command line is one of DynamoDB Local: of java,
// whether it is called so or named first, or with its flags, which have one dash.
func isLocal(line []string) bool {
	if program := strings.TrimSuffix(filepath.Base(line[0]), ".exe"); program == "java" {
		return true
	}
	if len(line) == 1 {
		return false
	}
	first := line[1]
	return first == "java" || len(first) > 2 && first[0] == '-' && first[1] != '-'
}

// local is what DynamoDB Local's command line says.
type local struct {
	port              int
	memory, shared    bool
	transient         bool
	optimize          bool
	path, cors, heap  string
	help, version     bool
	jar, otherProgram string
}

// The port and the directory that DynamoDB Local has by default. Its files there
// have names of their own, and so has ours.
const (
	localPort = 8000
	localData = "stator-data"
)

// fromLocal returns the command line of ours that does what one of DynamoDB Local
// says. The errors are those of DynamoDB Local.
func fromLocal(line []string) (args []string, err error) {
	l := local{port: localPort}
	if err := l.parse(line[1:]); err != nil {
		return nil, err
	}
	switch {
	case l.otherProgram != "" || l.jar != "" && filepath.Base(l.jar) != "DynamoDBLocal.jar":
		return nil, fmt.Errorf("this stands in for java to run DynamoDBLocal.jar, and cannot run %s", l.otherProgram+l.jar)
	case l.help:
		return []string{localHelpCommand}, nil
	case l.version:
		return []string{"version"}, nil
	case l.memory && l.path != "":
		return nil, errors.New("dbPath and inMemory cannot be set at the same time.")
	case l.optimize && l.path == "":
		return nil, errors.New("optimizeDbBeforeStartup option must be used with dbPath to determine the location of database files to optimize.")
	}
	if info, err := os.Stat(l.path); l.path != "" && (err != nil || !info.IsDir()) {
		return nil, errors.New("Invalid directory for database creation.")
	}
	return l.options(), nil
}

func (l *local) options() []string {
	args := []string{"--profile=dynamodb-local", "--listen=:" + strconv.Itoa(l.port), "--local-port=0"}
	if l.memory {
		args = append(args, "--memory")
	} else {
		args = append(args, "--memory=false", "--data="+filepath.Join(l.path, localData))
	}
	if l.shared {
		args = append(args, "--shared-db")
	}
	if l.transient {
		args = append(args, "--transient-status")
	}
	if l.optimize {
		args = append(args, "--optimize")
	}
	if l.cors != "" {
		args = append(args, "--cors-origins="+l.cors)
	}
	if l.heap != "" {
		args = append(args, "--soft-memory-limit="+l.heap)
	}
	return args
}

// parse reads the arguments: those of java, if there are any, up to the program
// that it is to run, and those of DynamoDB Local.
func (l *local) parse(args []string) error {
	if len(args) > 0 && args[0] == "java" {
		args = args[1:]
	}
	args, err := l.parseJava(args)
	for len(args) > 0 && err == nil {
		args, err = l.parseOption(args)
	}
	return err
}

// parseJava reads what is for java and returns the rest.
func (l *local) parseJava(args []string) ([]string, error) {
	for len(args) > 0 {
		arg := args[0]
		switch {
		case arg == "-jar" || arg == "-cp" || arg == "-classpath" || arg == "--class-path":
			if len(args) < 2 {
				return nil, fmt.Errorf("%s requires a name", arg)
			}
			args = args[1:]
			if arg == "-jar" {
				l.jar = args[0]
				return args[1:], nil
			}
		case strings.HasPrefix(arg, "-Xmx"):
			l.heap = arg[len("-Xmx"):]
		case strings.HasPrefix(arg, "-X"), strings.HasPrefix(arg, "-D"), strings.HasPrefix(arg, "-ea"), arg == "-server", arg == "-client",
			strings.HasPrefix(arg, "--add-opens"), strings.HasPrefix(arg, "-agentlib:"), strings.HasPrefix(arg, "-javaagent:"):
		case strings.HasPrefix(arg, "-"):
			return args, nil
		case strings.HasSuffix(arg, ".ServerRunner"): // DynamoDB Local's, by the name of its class
			return args[1:], nil
		default:
			l.otherProgram = arg
			return nil, nil
		}
		args = args[1:]
	}
	return nil, nil
}

// parseOption reads one option of DynamoDB Local and returns the rest.
func (l *local) parseOption(args []string) ([]string, error) {
	name, value, given := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
	rest := args[1:]
	if !strings.HasPrefix(args[0], "-") {
		return nil, unrecognized(args[0])
	}
	switch name {
	case "port", "dbPath", "cors":
		if given {
			break
		}
		if len(rest) == 0 {
			return nil, fmt.Errorf("Missing argument for option: %s", name)
		}
		value, rest = rest[0], rest[1:]
	}
	switch name {
	case "port":
		port, err := strconv.Atoi(value)
		if err != nil || port < 0 || port > 65535 { // 0, any free one, is for tests
			return nil, errors.New("Invalid Port. Port number must lie between 1 and 65535.")
		}
		l.port = port
	case "dbPath":
		l.path = value
	case "cors":
		l.cors = value
	case "inMemory":
		l.memory = true
	case "sharedDb":
		l.shared = true
	case "delayTransientStatuses":
		l.transient = true
	case "optimizeDbBeforeStartup":
		l.optimize = true
	case "disableTelemetry": // there is none
	case "help":
		l.help = true
	case "version":
		l.version = true
	default:
		return nil, unrecognized(args[0])
	}
	return rest, nil
}

// unrecognized says whose options have one dash, for those who meant ours.
func unrecognized(arg string) error {
	return fmt.Errorf("Unrecognized option: %s: DynamoDB Local has none of this name, and stator's own begin with --", arg)
}

const localHelpCommand = "dynamodb-local-help"

// localHelpHidden prints what -help asks for.
func localHelpHidden() *cobra.Command {
	return &cobra.Command{
		Use:    localHelpCommand,
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(cmd.OutOrStdout(), localHelp)
			return err
		},
	}
}

const localHelp = `usage: java -Djava.library.path=./DynamoDBLocal_lib -jar DynamoDBLocal.jar [options]
   or: stator [options]

stator stands in for DynamoDB Local and understands its options:

 -port <number>            the port to serve at; 8000 if it is not given
 -inMemory                 keep tables in memory only
 -dbPath <directory>       keep tables in stator-data there; the current directory if it is not given
 -sharedDb                 let all access keys and regions have the same tables
 -delayTransientStatuses   let tables and indexes be CREATING, UPDATING and DELETING for a second
 -optimizeDbBeforeStartup  give back space that deleted items take, before serving; with -dbPath
 -cors <list>              origins of web pages, separated by commas, that may call the server,
                           besides those of this machine; * is all
 -disableTelemetry         there is none
 -version                  print the version
 -help                     print this

stator --help has all that it can do.
`

// announceLocal writes what DynamoDB Local does when it starts; scripts look for
// it.
func announceLocal(w io.Writer, opts *option.Options, l net.Listener) {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	path, cors := "null", "null"
	if !opts.Memory {
		path = opts.Data
	}
	if len(opts.CORSOrigins) > 0 {
		cors = strings.Join(opts.CORSOrigins, ",")
	}
	fmt.Fprintf(w, "Initializing DynamoDB Local with the following configuration:\n"+
		"Port:\t%s\nInMemory:\t%v\nVersion:\t%s\nDbPath:\t%s\nSharedDb:\t%v\nshouldDelayTransientStatuses:\t%v\nCorsParams:\t%s\n\n",
		port, opts.Memory, version(), path, opts.SharedDB, opts.TransientStatus > 0, cors)
}
