//! Owns web addresses as they are asked for: read from what people wrote, in ASCII, without fragment.
//! Must not know who asks, or what is at an address.

use std::fmt;

/// An address of the web that can be asked for. Two that are written differently and are asked for alike
/// are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    is_secure: bool,
    /// In small letters and ASCII.
    host: String,
    /// With its colon, or nothing.
    port: String,
    /// Path and query, in ASCII; begins with a slash.
    rest: String,
}

/// Why an address cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It is no complete address of the web.
    Malformed,
    /// It holds a user name, which is not sent to anybody.
    Login,
}

/// Longer addresses than this are refused by most hosts, and by some systems as an argument.
const LONGEST: usize = 8_000;

impl Address {
    /// Whether a text is meant as an address of the web, right or wrong.
    pub fn is_meant(text: &str) -> bool {
        let text = text.trim();
        let starts = |with: &str| {
            text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
        };
        starts("http:") || starts("https:") || text.starts_with("//")
    }

    /// Reads an address as browsers do (URL Standard): signs that an address cannot hold are encoded, the
    /// fragment is not sent, a host is written in ASCII.
    ///
    /// # Errors
    /// Why it cannot be asked for.
    pub fn read(text: &str) -> Result<Address, Unfit> {
        let text: String =
            text.trim().chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
        let (is_secure, rest) = match text.split_once(':') {
            _ if text.starts_with("//") => (true, text.as_str()),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            _ => return Err(Unfit::Malformed),
        };
        let rest = rest.strip_prefix("//").ok_or(Unfit::Malformed)?;
        let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        if authority.contains('@') {
            return Err(Unfit::Login);
        }
        let (host, port) = split_port(authority).ok_or(Unfit::Malformed)?;
        let usual = if is_secure { "443" } else { "80" };
        let port = port.filter(|port| *port != usual).map(|port| format!(":{port}"));
        let rest = encode(rest);
        if rest.len() > LONGEST {
            return Err(Unfit::Malformed);
        }
        Ok(Address {
            is_secure,
            host: ascii_host(host).ok_or(Unfit::Malformed)?,
            port: port.unwrap_or_default(),
            rest,
        })
    }

    /// Where a redirect of this address leads (RFC 3986, section 5.2); dots in a path are left to the
    /// program that asks.
    ///
    /// # Errors
    /// When it leads to something that cannot be asked for.
    pub fn join(&self, location: &str) -> Result<Address, Unfit> {
        let location = location.trim();
        let scheme = location.split([':', '/', '?', '#']).next().unwrap_or_default();
        if !scheme.is_empty() && location[scheme.len()..].starts_with(':') {
            return Address::read(location);
        }
        if location.starts_with("//") {
            let scheme = if self.is_secure { "https" } else { "http" };
            return Address::read(&format!("{scheme}:{location}"));
        }
        let path_end = self.rest.find('?').unwrap_or(self.rest.len());
        let path = &self.rest[..path_end];
        let rest = match location.chars().next() {
            None | Some('#') => self.rest.clone(),
            Some('?') => encode(&format!("{path}{location}")),
            Some('/' | '\\') => encode(location),
            Some(_) => {
                let folder = path.rfind('/').map_or(0, |at| at + 1);
                encode(&format!("{}{location}", &path[..folder]))
            }
        };
        if rest.len() > LONGEST {
            return Err(Unfit::Malformed);
        }
        Ok(Address { rest, ..self.clone() })
    }

    /// The name of the host, for whom a pause is made between two requests.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the host is this machine, which no proxy stands before.
    pub fn is_this_machine(&self) -> bool {
        self.host == "localhost" || self.host == "[::1]" || self.host.starts_with("127.")
    }

    /// Whether this is the first page of its host.
    pub fn is_front_page(&self) -> bool {
        self.rest == "/"
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}{}", self.host, self.port, self.rest)
    }
}

/// `example.org:8080` → host and port. An address of IP version 6 stands in brackets.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let host_end = if authority.starts_with('[') { authority.find(']')? + 1 } else { 0 };
    match authority[host_end..].split_once(':') {
        None => Some((authority, None)),
        Some((name, "")) => Some((&authority[..host_end + name.len()], None)),
        Some((name, port)) => {
            port.parse::<u16>().ok().filter(|_| port.bytes().all(|b| b.is_ascii_digit()))?;
            Some((&authority[..host_end + name.len()], Some(port)))
        }
    }
}

/// The name of a host in small letters and ASCII.
fn ascii_host(host: &str) -> Option<String> {
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']')?;
        let good = |b: u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
        return inner.bytes().all(good).then(|| host.to_ascii_lowercase());
    }
    let lower = host.to_lowercase().replace(['。', '．', '｡'], ".");
    let labels: Option<Vec<String>> = lower.split('.').map(ascii_label).collect();
    let host = labels?.join(".");
    let is_empty = host.trim_end_matches('.').is_empty() || host.starts_with('.');
    (!is_empty && !host.contains("..") && host.len() <= 254).then_some(host)
}

fn ascii_label(label: &str) -> Option<String> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || c.is_alphanumeric();
    // A sign that is put over the letter before it is no letter by itself.
    let is_mark = |c: char| !c.is_ascii() && !c.is_whitespace() && !c.is_control();
    if !label.chars().all(|c| good(c) || is_mark(c)) || label.starts_with('-') {
        return None;
    }
    let label =
        if label.is_ascii() { label.to_string() } else { format!("xn--{}", punycode(label)?) };
    (label.len() <= 63).then_some(label)
}

/// Letters of all languages in those of ASCII (RFC 3492, section 6.3).
fn punycode(label: &str) -> Option<String> {
    const BASE: u32 = 36;
    let (first, last) = (1, 26);
    let threshold = |k: u32, bias: u32| k.saturating_sub(bias).clamp(first, last);
    let digit = |value: u32| char::from(b"abcdefghijklmnopqrstuvwxyz0123456789"[value as usize]);
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    let count = u32::try_from(label.chars().count()).ok()?;
    let (mut handled, mut bias, mut delta, mut known) = (basic, 72, 0u32, 128u32);
    if basic > 0 {
        out.push('-');
    }
    while handled < count {
        let next = label.chars().map(u32::from).filter(|c| *c >= known).min()?;
        delta = delta.checked_add((next - known).checked_mul(handled + 1)?)?;
        known = next;
        for c in label.chars().map(u32::from) {
            if c < known {
                delta = delta.checked_add(1)?;
            }
            if c != known {
                continue;
            }
            let (mut rest, mut k) = (delta, BASE);
            loop {
                let t = threshold(k, bias);
                if rest < t {
                    break;
                }
                out.push(digit(t + (rest - t) % (BASE - t)));
                rest = (rest - t) / (BASE - t);
                k += BASE;
            }
            out.push(digit(rest));
            // The first number says much about the size of those that follow.
            delta = if handled == basic { delta / 700 } else { delta / 2 };
            delta += delta / (handled + 1);
            let mut steps = 0;
            while delta > (BASE - first) * last / 2 {
                delta /= BASE - first;
                steps += BASE;
            }
            bias = steps + (BASE - first + 1) * delta / (delta + 38);
            (delta, handled) = (0, handled + 1);
        }
        delta = delta.checked_add(1)?;
        known += 1;
    }
    Some(out)
}

/// Path and query without the fragment, with a slash before them and with what they cannot hold encoded.
fn encode(rest: &str) -> String {
    let rest = rest.split('#').next().unwrap_or_default();
    let mut out = String::with_capacity(rest.len() + 1);
    if !rest.starts_with(['/', '\\']) {
        out.push('/');
    }
    let mut in_query = false;
    for c in rest.chars() {
        in_query |= c == '?';
        match c {
            '\\' if !in_query => out.push('/'),
            '"' | '<' | '>' | '`' | '{' | '}' | '\\' | '^' | '\'' => push_encoded(&mut out, c),
            c if c.is_ascii_graphic() => out.push(c),
            c => push_encoded(&mut out, c),
        }
    }
    out
}

fn push_encoded(out: &mut String, c: char) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        out.push_str(&format!("%{byte:02X}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        Address::read(text).map_or_else(|unfit| format!("{unfit:?}"), |a| a.to_string())
    }

    #[test]
    fn addresses_are_read_as_browsers_read_them() {
        for (written, asked) in [
            ("https://Example.org", "https://example.org/"),
            ("HTTP://example.org:80/a?b#c", "http://example.org/a?b"),
            ("https://example.org:8443/", "https://example.org:8443/"),
            ("//example.org/x", "https://example.org/x"),
            ("https://example.org?q=1", "https://example.org/?q=1"),
            (r"https://example.org\a\b?c\d", "https://example.org/a/b?c%5Cd"),
            ("https://example.org/a b\"c'd<e>", "https://example.org/a%20b%22c%27d%3Ce%3E"),
            ("https://example.org/%20/[1-3]/{a,b}", "https://example.org/%20/[1-3]/%7Ba,b%7D"),
            ("https://example.org/\n -o /tmp/x", "https://example.org/%20-o%20/tmp/x"),
            ("https://example.org/año?ñ", "https://example.org/a%C3%B1o?%C3%B1"),
            ("https://BÜCHER.example/", "https://xn--bcher-kva.example/"),
            ("https://例え.テスト/", "https://xn--r8jz45g.xn--zckzah/"),
            ("https://[::1]:8080/", "https://[::1]:8080/"),
            ("https://example.org./", "https://example.org./"),
            ("https://user:word@example.org/", "Login"),
            ("https://", "Malformed"),
            ("https:example.org", "Malformed"),
            ("https:///x", "Malformed"),
            ("https://exa mple.org/", "Malformed"),
            ("https://example..org/", "Malformed"),
            ("https://-o/", "Malformed"),
            ("https://example.org:99999/", "Malformed"),
            ("https://example.org:+80/", "Malformed"),
            ("https://%65xample.org/", "Malformed"),
            ("ftp://example.org/", "Malformed"),
            ("-o /tmp/x", "Malformed"),
        ] {
            assert_eq!(read(written), asked, "{written}");
        }
    }

    #[test]
    fn names_of_hosts_in_ascii() {
        // From RFC 3492, section 7.1, and names that are in use.
        for (name, ascii) in [
            ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
            ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
            ("münchen", "mnchen-3ya"),
            ("straße", "strae-oqa"),
        ] {
            assert_eq!(punycode(name).as_deref(), Some(ascii));
        }
    }

    #[test]
    fn redirects_lead_from_where_they_stand() {
        let from = Address::read("https://example.org/a/b?c").expect("an address");
        for (location, to) in [
            ("https://example.com/x", "https://example.com/x"),
            ("//example.com/x", "https://example.com/x"),
            ("/x#y", "https://example.org/x"),
            ("x", "https://example.org/a/x"),
            ("../x", "https://example.org/a/../x"),
            ("?d", "https://example.org/a/b?d"),
            ("#d", "https://example.org/a/b?c"),
            ("x?u=http://y", "https://example.org/a/x?u=http://y"),
        ] {
            assert_eq!(from.join(location).map(|a| a.to_string()), Ok(to.into()), "{location}");
        }
        assert!(from.join("mailto:a@example.org").is_err() && from.join("file:///x").is_err());
    }

    #[test]
    fn a_text_is_meant_as_an_address() {
        for text in ["http://a", "HTTPS:x", "//a/b", " https://a"] {
            assert!(Address::is_meant(text), "{text}");
        }
        for text in ["a.md", "/a", "mailto:a@b", "httpx://a", "ünï"] {
            assert!(!Address::is_meant(text), "{text}");
        }
    }
}
