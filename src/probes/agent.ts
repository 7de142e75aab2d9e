/**
 * The program that exchanges packets for a check: in Perl, which every Debian has, and in Python, which every Fedora and
 * CentOS has. It changes nothing on the host and ends with its stdin, or after the seconds that it was given.
 *
 *   arguments  NONCE SECONDS TCP-PORT...    listens on these ports for as long as it runs, where nobody else does
 *   it says    listening PORT | taken PORT  the second where another program has the port already
 *              raw yes | raw no             whether it sees arriving datagrams (only root may)
 *              ready
 *              got TAG SOURCE PORT BYTES    a datagram of a peer has come through this host's firewall
 *   it is told send TAG ADDRESS PORT BYTES  BYTES of a whole IP packet; 0: small; mtu: as large as the interface takes
 *              route ADDRESS
 *              watch                        to look at the wire from now on, before any firewall of this host
 *   it answers sent TAG BYTES | failed TAG ERRNO
 *              watching yes | watching no
 *              seen TAG SOURCE              a datagram of a peer is on the wire, or one of its own has left
 *              syn SOURCE DESTINATION PORT  the same of a first TCP packet to a port of the swarm
 *              route ADDRESS SOURCE MTU     the address and the MTU with which this host speaks to that one
 *
 * Datagrams are seen by a raw socket: it gets what has passed the INPUT chain, whoever owns the port, also the kernel's
 * own 4789. A filter in the kernel keeps all other traffic from it. What is sent begins with the letters SKPR, which
 * neither VXLAN (flag of a valid VNI not set) nor the swarm's gossip (it is encrypted) takes for its own.
 */

const PERL = String.raw`
use strict; use Socket;
my ($nonce, $seconds, @ports) = @ARGV;
$| = 1; $SIG{ALRM} = sub { exit 0 }; $SIG{PIPE} = sub { exit 0 }; alarm $seconds;
my (%at, @kept);
for my $port (@ports) {
  socket(my $s, PF_INET, SOCK_STREAM, 6) or next;
  setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
  if (bind($s, pack_sockaddr_in($port, INADDR_ANY)) && listen($s, 16)) { $at{fileno $s} = $s; print "listening $port\n" }
  else { print "taken $port\n" }
}
my ($raw, $wire);
sub only {
  my ($s, @rows) = @_; my $code = pack('SCCL' x (@rows / 4), @rows);
  eval { setsockopt($s, SOL_SOCKET, 26, pack(length(pack('P', $code)) == 8 ? 'Sx6P' : 'Sx2P', @rows / 4, $code)) };
}
if (socket($raw, PF_INET, SOCK_RAW, 17)) {
  only($raw, 0xb1,0,0,0, 0x40,0,0,8, 0x15,0,1,0x534b5052, 0x06,0,0,0xffff, 0x06,0,0,0);
  print "raw yes\n";
} else { undef $raw; print "raw no\n" }
sub watch {
  socket($wire, 17, SOCK_DGRAM, unpack('S', pack('n', 0x0800))) or do { undef $wire; return print "watching no\n" };
  only($wire, 0xb1,0,0,0, 0x30,0,0,9, 0x15,0,2,17, 0x40,0,0,8, 0x15,4,5,0x534b5052, 0x15,0,4,6, 0x50,0,0,13, 0x54,0,0,0x12, 0x15,0,1,2, 0x06,0,0,0xffff, 0x06,0,0,0);
  print "watching yes\n";
}
print "ready\n";
sub ask {
  my ($word, $tag, $address, $port, $size) = split ' ', $_[0];
  return watch() if $word eq 'watch';
  if ($word eq 'route') { ($address, $port) = ($tag, 7946) }
  my $ip = inet_aton($address) or return print "failed $tag 22\n";
  socket(my $s, PF_INET, SOCK_DGRAM, 17) or return print "failed $tag ", 0 + $!, "\n";
  my $small = $size eq '0';
  setsockopt($s, 0, 10, pack('i', 3)) unless $small;
  connect($s, pack_sockaddr_in($port, $ip)) or return print "failed $tag ", 0 + $!, "\n";
  my $mtu = unpack('i', getsockopt($s, 0, 14) || pack('i', 1500));
  if ($word eq 'route') {
    my (undef, $source) = unpack_sockaddr_in(getsockname($s));
    return print "route $address ", inet_ntoa($source), " $mtu\n";
  }
  my $text = "SKPR $nonce $tag ";
  $size = $small ? length($text) + 28 : $size eq 'mtu' ? $mtu : $size;
  $text .= 'x' x ($size - 28 - length $text) if $size - 28 > length $text;
  if (defined send($s, $text, 0)) { print "sent $tag ", length($text) + 28, "\n" } else { print "failed $tag ", 0 + $!, "\n" }
}
my $unread = '';
while (1) {
  my $in = ''; vec($in, $_, 1) = 1 for 0, (map { $_ ? fileno $_ : () } $raw, $wire), keys %at;
  select($in, undef, undef, undef) < 0 and next;
  for my $fd (keys %at) {
    next unless vec($in, $fd, 1);
    # Kept until the end: whoever dialled sees a connection. No port is left waiting after it.
    if (accept(my $c, $at{$fd})) { setsockopt($c, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)); push @kept, $c; shift @kept if @kept > 64 }
  }
  if ($raw && vec($in, fileno $raw, 1) && defined recv($raw, my $p, 65535, 0)) {
    my $head = (ord(substr $p, 0, 1) & 15) * 4;
    my (undef, $port) = unpack 'nn', substr $p, $head, 4;
    if (substr($p, $head + 8) =~ /^SKPR \Q$nonce\E (\S+) /) { print "got $1 ", inet_ntoa(substr $p, 12, 4), " $port ", length $p, "\n" }
  }
  if ($wire && vec($in, fileno $wire, 1) && defined recv($wire, my $p, 65535, 0)) {
    my $head = (ord(substr $p, 0, 1) & 15) * 4; my $from = inet_ntoa(substr $p, 12, 4);
    my (undef, $port) = unpack 'nn', substr $p, $head, 4;
    if (ord(substr $p, 9, 1) == 6) { print "syn $from ", inet_ntoa(substr $p, 16, 4), " $port\n" if $port == 2377 || $port == 7946 }
    elsif (substr($p, $head + 8) =~ /^SKPR \Q$nonce\E (\S+) /) { print "seen $1 $from\n" }
  }
  if (vec($in, 0, 1)) {
    sysread(STDIN, $unread, 4096, length $unread) or exit 0;
    while ($unread =~ s/^(.*)\n//) { ask($1) }
  }
}
`;

const PYTHON = String.raw`
import os, select, signal, socket, struct, sys
nonce, seconds, ports = sys.argv[1], int(sys.argv[2]), [int(p) for p in sys.argv[3:]]
signal.alarm(seconds); signal.signal(signal.SIGALRM, lambda *a: os._exit(0))
def say(text):
    try: os.write(1, (text + '\n').encode())
    except OSError: os._exit(0)
listeners, kept_open = [], []
for port in ports:
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind(('', port)); s.listen(16); listeners.append(s); say('listening %d' % port)
    except (OSError, socket.error): say('taken %d' % port)
raw = wire = None
kept_code = []
def only(s, rows):
    try:
        import ctypes
        code = ctypes.create_string_buffer(b''.join(struct.pack('HBBI', *row) for row in rows))
        kept_code.append(code)
        s.setsockopt(socket.SOL_SOCKET, 26, struct.pack('HP', len(rows), ctypes.addressof(code)))
    except Exception: pass
def watch():
    global wire
    try:
        wire = socket.socket(17, socket.SOCK_DGRAM, socket.htons(0x0800))
        only(wire, ((0xb1,0,0,0), (0x30,0,0,9), (0x15,0,2,17), (0x40,0,0,8), (0x15,4,5,0x534b5052), (0x15,0,4,6), (0x50,0,0,13), (0x54,0,0,0x12), (0x15,0,1,2), (6,0,0,0xffff), (6,0,0,0)))
        say('watching yes')
    except (OSError, socket.error): say('watching no')
try:
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, 17)
    say('raw yes')
except (OSError, socket.error): say('raw no')
if raw: only(raw, ((0xb1,0,0,0), (0x40,0,0,8), (0x15,0,1,0x534b5052), (6,0,0,0xffff), (6,0,0,0)))
say('ready')
def ask(line):
    words = line.split()
    if words[0] == 'watch': return watch()
    word, tag = words[0], words[1]
    address, port, size = (tag, 7946, '0') if word == 'route' else (words[2], int(words[3]), words[4])
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if size != '0': s.setsockopt(0, 10, 3)
        s.connect((address, port))
        mtu = s.getsockopt(0, 14)
        if word == 'route': return say('route %s %s %d' % (address, s.getsockname()[0], mtu))
        text = ('SKPR %s %s ' % (nonce, tag)).encode()
        if size != '0': text = text.ljust((mtu if size == 'mtu' else int(size)) - 28, b'x')
        s.send(text)
        say('sent %s %d' % (tag, len(text) + 28))
    except (OSError, socket.error) as e: say('failed %s %d' % (tag, e.errno or 22))
    finally: s.close()
unread = b''
while True:
    try: able = select.select([0] + listeners + [s for s in (raw, wire) if s], [], [])[0]
    except (OSError, select.error): continue
    for s in able:
        if s in listeners:
            c = s.accept()[0]; c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); kept_open.append(c); del kept_open[:-64]
    if raw in able:
        p = bytearray(raw.recv(65535)); head = (p[0] & 15) * 4
        words = bytes(p[head + 8:head + 200]).split(b' ')
        if len(words) > 3 and words[0] == b'SKPR' and words[1] == nonce.encode():
            say('got %s %s %d %d' % (words[2].decode(), socket.inet_ntoa(bytes(p[12:16])), p[head + 2] * 256 + p[head + 3], len(p)))
    if wire in able:
        p = bytearray(wire.recv(65535)); head = (p[0] & 15) * 4; source = socket.inet_ntoa(bytes(p[12:16]))
        words = bytes(p[head + 8:head + 200]).split(b' '); port = p[head + 2] * 256 + p[head + 3]
        if p[9] == 6:
            if port in (2377, 7946): say('syn %s %s %d' % (source, socket.inet_ntoa(bytes(p[16:20])), port))
        elif len(words) > 3 and words[0] == b'SKPR' and words[1] == nonce.encode(): say('seen %s %s' % (words[2].decode(), source))
    if 0 in able:
        more = os.read(0, 4096)
        if not more: os._exit(0)
        unread += more
        while b'\n' in unread:
            line, unread = unread.split(b'\n', 1)
            ask(line.decode())
`;

/** Ways to start the program, the quickest to start first. A code of 127 means that the host has no such interpreter. */
export const AGENTS: readonly (readonly string[])[] = [
  ['perl', '-e', PERL, '--'],
  ['python3', '-c', PYTHON],
  // Where RHEL 8 and CentOS 8 keep the one that their own tools use.
  ['/usr/libexec/platform-python', '-c', PYTHON],
  ['python', '-c', PYTHON],
];
