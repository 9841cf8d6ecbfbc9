//! Owns the HTTP headers that a site should be sent with, and how each kind of host is told: `_headers`,
//! `.htaccess`, `web.config`, a part for nginx, or a meta element where a host takes none of them.
//! Must not know pages, settings files or themes: what is used is handed in.

use std::fmt::Write as _;

/// A host, or a kind of host, by the name that people know it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// Netlify: `_headers`.
    Netlify,
    /// Cloudflare Pages: `_headers`.
    Cloudflare,
    /// Apache, as most shared web space has it: `.htaccess`.
    Apache,
    /// Internet Information Services: `web.config`.
    Iis,
    /// nginx: a file for the server's own configuration to include.
    Nginx,
    /// GitHub Pages: no headers of one's own.
    GithubPages,
    /// GitLab Pages: no headers of one's own.
    GitlabPages,
    /// A bucket of files, such as Amazon S3: no headers of one's own.
    S3,
    /// Any other host without headers of one's own.
    Other,
}

impl Host {
    /// All of them, with their names in site.yaml.
    pub const NAMES: [(&'static str, Host); 9] = [
        ("netlify", Host::Netlify),
        ("cloudflare", Host::Cloudflare),
        ("apache", Host::Apache),
        ("iis", Host::Iis),
        ("nginx", Host::Nginx),
        ("github-pages", Host::GithubPages),
        ("gitlab-pages", Host::GitlabPages),
        ("s3", Host::S3),
        ("other", Host::Other),
    ];

    /// The host of that name.
    pub fn named(name: &str) -> Option<Host> {
        Host::NAMES.iter().find(|(known, _)| *known == name).map(|(_, host)| *host)
    }

    /// The file that tells it, in the top folder of the output; `None` where only a meta element works.
    pub fn file(self) -> Option<File> {
        match self {
            Host::Netlify | Host::Cloudflare => Some(File::Headers),
            Host::Apache => Some(File::Htaccess),
            Host::Iis => Some(File::WebConfig),
            Host::Nginx => Some(File::Nginx),
            Host::GithubPages | Host::GitlabPages | Host::S3 | Host::Other => None,
        }
    }
}

/// A file that tells a host which headers to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum File {
    /// `_headers` (docs.netlify.com/routing/headers; developers.cloudflare.com/pages/configuration/headers).
    Headers,
    /// `.htaccess` (httpd.apache.org/docs/2.4/howto/htaccess.html).
    Htaccess,
    /// `web.config` (learn.microsoft.com/iis/configuration/system.webserver).
    WebConfig,
    /// `nginx-headers.conf`, to be included in a `server` block.
    Nginx,
}

impl File {
    /// Its name in the output folder.
    pub fn name(self) -> &'static str {
        match self {
            File::Headers => "_headers",
            File::Htaccess => ".htaccess",
            File::WebConfig => "web.config",
            File::Nginx => "nginx-headers.conf",
        }
    }
}

/// Other sites that pages may load from or send to, because their owner says so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Allowed {
    /// Of pages shown inside a page, such as a video: `https://www.youtube-nocookie.com`.
    pub frames: Vec<String>,
    /// Of sound and films.
    pub media: Vec<String>,
    /// Of those that take what a form holds.
    pub forms: Vec<String>,
}

/// What the pages of a site load from the site itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Uses {
    /// Scripts.
    pub scripts: bool,
    /// Style sheets.
    pub styles: bool,
    /// Fonts.
    pub fonts: bool,
    /// Sound and films.
    pub media: bool,
    /// Forms that lead to another page of the site, such as a search.
    pub forms: bool,
    /// A manifest, for phones that keep the site among their programs.
    pub manifest: bool,
}

/// How many digits stand in the name of a file that may be kept for ever.
const DIGITS: usize = 10;

/// A year, in seconds: the most that RFC 9111 says anything about.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// Media types that hosts tend not to know (RFC 5545, RFC 9512 and the W3C's manifest among them).
const TYPES: [(&str, &str); 4] = [
    (".ics", "text/calendar"),
    (".webmanifest", "application/manifest+json"),
    (".webp", "image/webp"),
    (".woff2", "font/woff2"),
];

/// The headers of a site.
#[derive(Debug, Clone)]
pub struct Headers {
    policy: Vec<(&'static str, String)>,
    /// The path at which the site is, with a slash at both ends; `None` if nobody knows.
    base: Option<String>,
}

impl Headers {
    /// Those under which exactly what is used and allowed works. `base` is the path at which the site will be.
    pub fn new(uses: Uses, allowed: &Allowed, base: Option<&str>) -> Headers {
        let mut policy = vec![("default-src", "'none'".to_string())];
        let mut add = |name: &'static str, own: bool, others: &[String]| {
            let own = own.then_some("'self'");
            let sources: Vec<&str> =
                own.into_iter().chain(others.iter().map(String::as_str)).collect();
            if !sources.is_empty() {
                policy.push((name, sources.join(" ")));
            }
        };
        add("script-src", uses.scripts, &[]);
        add("style-src", uses.styles, &[]);
        // A browser asks for the site's icon on every page.
        add("img-src", true, &[]);
        add("font-src", uses.fonts, &[]);
        add("media-src", uses.media, &allowed.media);
        add("manifest-src", uses.manifest, &[]);
        add("frame-src", false, &allowed.frames);
        add("form-action", uses.forms, &allowed.forms);
        // What does not fall back to default-src (Content Security Policy Level 3, 6.1).
        for name in ["form-action", "base-uri", "frame-ancestors"] {
            if !policy.iter().any(|(known, _)| *known == name) {
                policy.push((name, "'none'".into()));
            }
        }
        Headers { policy, base: base.map(String::from) }
    }

    /// The content security policy as a header.
    pub fn policy(&self) -> String {
        written(self.policy.iter())
    }

    /// The content security policy as a meta element takes it: that cannot say who may frame the page
    /// (Content Security Policy Level 3, 3.3).
    pub fn meta_policy(&self) -> String {
        written(self.policy.iter().filter(|(name, _)| *name != "frame-ancestors"))
    }

    /// Every header but the policy, which is for pages alone.
    fn others(&self) -> [(&'static str, String); 5] {
        // Nothing on a page asks for any of these.
        const REFUSED: [&str; 12] = [
            "accelerometer",
            "browsing-topics",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "serial",
            "usb",
        ];
        let refused: Vec<String> = REFUSED.iter().map(|name| format!("{name}=()")).collect();
        [
            ("Referrer-Policy", "same-origin".into()),
            ("Permissions-Policy", refused.join(", ")),
            ("X-Content-Type-Options", "nosniff".into()),
            ("X-Frame-Options", "DENY".into()),
            ("Cross-Origin-Opener-Policy", "same-origin".into()),
        ]
    }

    fn all(&self) -> Vec<(&'static str, String)> {
        std::iter::once(("Content-Security-Policy", self.policy())).chain(self.others()).collect()
    }

    /// The text of the file for a host.
    pub fn file(&self, file: File) -> String {
        match file {
            File::Headers => self.headers_file(),
            File::Htaccess => self.htaccess(),
            File::WebConfig => self.web_config(),
            File::Nginx => self.nginx(),
        }
    }

    fn headers_file(&self) -> String {
        let base = self.base.as_deref().unwrap_or("/");
        let mut out = format!("# Made by weekmark, for Netlify and Cloudflare Pages.\n{base}*\n");
        for (name, value) in self.all() {
            let _ = writeln!(out, "  {name}: {value}");
        }
        let _ = writeln!(out, "{base}assets/*\n  Cache-Control: {FOREVER}");
        for (end, kind) in TYPES {
            let _ = writeln!(out, "{base}*{end}\n  Content-Type: {}", with_charset(kind));
        }
        out
    }

    fn htaccess(&self) -> String {
        let mut out = String::from(
            "# Made by weekmark, for Apache 2.4. It works where the host lets a folder set headers.\n",
        );
        out.push_str("<IfModule mod_mime.c>\n");
        for (end, kind) in TYPES {
            let _ = writeln!(out, "  AddType {kind} {end}");
        }
        out.push_str("  AddCharset utf-8 .html .css .js .csv .ics .svg .txt .webmanifest .xml\n");
        out.push_str("</IfModule>\n<IfModule mod_headers.c>\n");
        for (name, value) in self.others() {
            let _ = writeln!(out, "  Header always set {name} \"{value}\"");
        }
        let policy = self.policy();
        let _ = writeln!(
            out,
            "  <FilesMatch \"\\.(html|svg|xml)$\">\n    Header always set Content-Security-Policy \"{policy}\"\n  </FilesMatch>"
        );
        let _ = writeln!(
            out,
            "  <FilesMatch \"\\.[0-9a-f]{{{DIGITS}}}\\.[a-z0-9]+$\">\n    Header set Cache-Control \"{FOREVER}\"\n  </FilesMatch>\n</IfModule>"
        );
        if let Some(base) = &self.base {
            let _ = writeln!(out, "ErrorDocument 404 {base}404.html");
        }
        out
    }

    fn web_config(&self) -> String {
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- Made by weekmark, for Internet Information Services. -->\n<configuration>\n  <system.webServer>\n    <httpProtocol>\n      <customHeaders>\n        <remove name=\"X-Powered-By\" />\n",
        );
        for (name, value) in self.all() {
            let _ = writeln!(
                out,
                "        <remove name=\"{name}\" />\n        <add name=\"{name}\" value=\"{}\" />",
                in_xml(&value)
            );
        }
        out.push_str("      </customHeaders>\n    </httpProtocol>\n    <staticContent>\n");
        for (end, kind) in TYPES {
            let _ = writeln!(
                out,
                "      <remove fileExtension=\"{end}\" />\n      <mimeMap fileExtension=\"{end}\" mimeType=\"{}\" />",
                with_charset(kind)
            );
        }
        out.push_str("    </staticContent>\n    <httpErrors errorMode=\"Custom\">\n      <remove statusCode=\"404\" />\n      <error statusCode=\"404\" path=\"404.html\" responseMode=\"File\" />\n    </httpErrors>\n  </system.webServer>\n");
        out.push_str("  <location path=\"assets\">\n    <system.webServer>\n      <staticContent>\n        <clientCache cacheControlMode=\"UseMaxAge\" cacheControlMaxAge=\"365.00:00:00\" />\n      </staticContent>\n    </system.webServer>\n  </location>\n</configuration>\n");
        out
    }

    fn nginx(&self) -> String {
        let base = self.base.as_deref().unwrap_or("/");
        let mut out = String::from(
            "# Made by weekmark, for nginx. Write in the server block of the site, with the way to this file:\n#   include /srv/www/public/nginx-headers.conf;\n",
        );
        // A location with a header of its own forgets those around it, so each says all.
        let add = |out: &mut String, indent: &str, cache: bool| {
            for (name, value) in self.all() {
                let _ = writeln!(out, "{indent}add_header {name} \"{value}\" always;");
            }
            if cache {
                let _ = writeln!(out, "{indent}add_header Cache-Control \"{FOREVER}\";");
            }
        };
        add(&mut out, "", false);
        let _ = writeln!(out, "charset utf-8;");
        let _ = writeln!(
            out,
            "charset_types application/javascript application/manifest+json application/xml image/svg+xml text/calendar text/css text/csv text/javascript text/plain text/xml;"
        );
        let _ = writeln!(out, "error_page 404 {base}404.html;");
        let _ = writeln!(out, "location ~ \"\\.[0-9a-f]{{{DIGITS}}}\\.[a-z0-9]+$\" {{");
        add(&mut out, "  ", true);
        out.push_str("}\n");
        for (end, kind) in TYPES.iter().filter(|(end, _)| *end != ".woff2") {
            let _ =
                writeln!(out, "location ~ \"\\{end}$\" {{\n  types {{ }}\n  default_type {kind};");
            add(&mut out, "  ", false);
            out.push_str("}\n");
        }
        out
    }
}

fn written<'a>(policy: impl Iterator<Item = &'a (&'static str, String)>) -> String {
    policy.map(|(name, sources)| format!("{name} {sources}")).collect::<Vec<_>>().join("; ")
}

fn with_charset(kind: &str) -> String {
    if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind.into() }
}

fn in_xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// Whether a text is an origin that a policy may name: `https://`, a host, perhaps a port, nothing behind
/// (RFC 6454, section 6.2). Wildcards are refused: they would let strangers in.
pub fn is_origin(text: &str) -> bool {
    let Some(host) = text.strip_prefix("https://") else { return false };
    let (name, port) = host.split_once(':').unwrap_or((host, "443"));
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    name.split('.').all(is_label)
        && name.contains('.')
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_lets_in_what_is_used_and_nothing_else() {
        let bare = Headers::new(Uses::default(), &Allowed::default(), None);
        assert_eq!(
            bare.policy(),
            "default-src 'none'; img-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
        );
        assert_eq!(
            bare.meta_policy(),
            "default-src 'none'; img-src 'self'; form-action 'none'; base-uri 'none'"
        );
        let uses = Uses {
            scripts: true,
            styles: true,
            fonts: true,
            media: true,
            forms: true,
            manifest: true,
        };
        let allowed = Allowed {
            frames: vec!["https://player.example".into(), "https://maps.example".into()],
            media: vec!["https://films.example".into()],
            ..Allowed::default()
        };
        assert_eq!(
            Headers::new(uses, &allowed, None).policy(),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; media-src 'self' https://films.example; manifest-src 'self'; frame-src https://player.example https://maps.example; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
    }

    #[test]
    fn an_origin_is_a_secure_host_and_nothing_more() {
        for right in ["https://a.example", "https://a-b.c.example:8443"] {
            assert!(is_origin(right), "{right}");
        }
        for wrong in [
            "http://a.example",
            "https://a.example/",
            "https://*.example",
            "https://a.example:",
            "https://localhost",
            "a.example",
            "https://a.example;script-src *",
            "https://a.example 'unsafe-inline'",
        ] {
            assert!(!is_origin(wrong), "{wrong}");
        }
    }

    #[test]
    fn every_host_has_a_name_and_files_have_different_ones() {
        for (name, host) in Host::NAMES {
            assert_eq!(Host::named(name), Some(host));
        }
        assert_eq!(Host::named("Netlify"), None);
        let files = [File::Headers, File::Htaccess, File::WebConfig, File::Nginx];
        let names: std::collections::BTreeSet<&str> =
            files.iter().map(|file| file.name()).collect();
        assert_eq!(names.len(), files.len());
    }
}
