"""Serves the sample site with real hosts, by the files that weekmark makes for them, and compares what they send.

    python3 run.py [WEEKMARK]

Needs Apache 2.4 (`apache2`) and nginx. The files for hosts that nobody can start here are read instead.
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as xml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WEEKMARK = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/debug/weekmark")
HOSTS = "\nsecurity: {hosts: [netlify, apache, iis, nginx, github-pages]}\n"
MODULES = "/usr/lib/apache2/modules"
FOREVER = "public, max-age=31536000, immutable"

done = {"passed": 0, "failed": 0}


def check(what, is_right, seen=""):
    done["passed" if is_right else "failed"] += 1
    if not is_right:
        print(f"FAILED {what}: {seen}")


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def ask(port, path):
    """Status, headers and body of an answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def build(folder):
    site = folder / "site"
    ignore = shutil.ignore_patterns("public", "target", ".git", "node_modules", ".weekmark")
    shutil.copytree(ROOT, site, ignore=ignore)
    with open(site / "site.yaml", "a", encoding="utf-8") as settings:
        settings.write(HOSTS)
    out = folder / "out"
    # The path of the address stands in the files: hosts that serve a sub-folder must find the page for errors.
    command = [WEEKMARK, "--root", site, "build", "--out", out, "--base-url", "https://example.org/"]
    subprocess.run(command, check=True, capture_output=True)
    for where, folders, files in os.walk(folder):
        os.chmod(where, 0o755)
    return out


def apache(folder, out, port):
    modules = ["mpm_event", "authz_core", "dir", "mime", "headers"]
    lines = [f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in modules]
    lines += [
        f'ServerRoot "{folder}"',
        "ServerName localhost",
        f"Listen 127.0.0.1:{port}",
        f'PidFile "{folder}/apache.pid"',
        f'ErrorLog "{folder}/apache.log"',
        "TypesConfig /etc/mime.types" if os.path.exists("/etc/mime.types") else "",
        "DirectoryIndex index.html",
        f'DocumentRoot "{out}"',
        f'<Directory "{out}">',
        "AllowOverride All",
        "Require all granted",
        "</Directory>",
    ]
    if os.geteuid() == 0:
        lines += ["User www-data", "Group www-data"]
    path = folder / "apache.conf"
    path.write_text("\n".join(lines), encoding="utf-8")
    return ["apache2", "-d", str(folder), "-f", str(path), "-DFOREGROUND"]


def nginx(folder, out, port):
    path = folder / "nginx.conf"
    path.write_text(
        f"""daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{}}
http {{
  access_log off;
  include /etc/nginx/mime.types;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  server {{
    listen 127.0.0.1:{port};
    root {out};
    index index.html;
    include {out}/nginx-headers.conf;
  }}
}}
""",
        encoding="utf-8",
    )
    return ["nginx", "-c", str(path)]


def compare(name, command, port, out, said):
    """What the host sends against `said`, the headers of the file `_headers`."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        else:
            check(f"{name} starts", False, server.communicate(timeout=5)[1])
            return
        pages = ["/", "/faq/", "/case-managers/day/", "/no/such/page"]
        files = sorted(out.glob("assets/**/*.css")) + sorted(out.glob("assets/**/*.js"))
        assets = [f"/{path.relative_to(out)}" for path in files]
        for path in [*pages, *assets, "/calendar/all.ics", "/feed.xml"]:
            status, headers, body = ask(port, path)
            missing = path == "/no/such/page"
            check(f"{name} {path} status", status == (404 if missing else 200), status)
            if missing:
                check(f"{name} shows the page for errors", body == (out / "404.html").read_bytes(), body[:80])
            for header, value in said.items():
                # Policies are for pages; a host may say them everywhere.
                if header == "Content-Security-Policy" and path not in pages:
                    continue
                found = headers.get_all(header) or []
                check(f"{name} {path} {header}", found == [value], found)
            cached = headers.get_all("Cache-Control") or []
            check(f"{name} {path} is kept", cached == ([FOREVER] if path in assets else []), cached)
            kind = headers.get("Content-Type", "").lower().replace(" ", "")
            wanted = {"ics": "text/calendar", "css": "text/css", "xml": "", "js": ""}.get(
                path.rsplit(".")[-1], "text/html"
            )
            check(f"{name} {path} type", kind.startswith(wanted), kind)
            check(f"{name} {path} charset", "charset=utf-8" in kind, kind)
    finally:
        server.terminate()
        server.wait(10)


def headers_file(out):
    """The headers for all files, as Netlify and Cloudflare Pages read them."""
    found, path = {}, None
    for line in (out / "_headers").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if not line.startswith(" "):
            path = line
        else:
            name, _, value = line.strip().partition(": ")
            found.setdefault(path, {})[name] = value
    check("_headers: files that never change", found.get("/assets/*") == {"Cache-Control": FOREVER}, found)
    return found["/*"]


def web_config(out, said):
    tree = xml.parse(out / "web.config")
    added = {it.get("name"): it.get("value") for it in tree.iter("add")}
    check("web.config says the same", added == said, added)
    removed = {it.get("name") for it in tree.iter("remove")}
    check("web.config takes away what the server says", set(said) <= removed, removed)


def pages_say_it(out, said):
    policy = said["Content-Security-Policy"].replace("; frame-ancestors 'none'", "")
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy.replace(chr(39), "&#39;")}">'
    for page in sorted(out.glob("**/index.html")):
        text = page.read_text(encoding="utf-8").replace("&#x27;", "&#39;")
        # A page at an old address leads on and loads nothing.
        if 'http-equiv="refresh"' in text:
            continue
        before = text.split("<link")[0].split("<script")[0]
        check(f"{page.relative_to(out)} says the policy first", meta in before or policy in before, before[-200:])


def main():
    for needed in ["apache2", "nginx"]:
        if not shutil.which(needed):
            sys.exit(f"{needed} is not installed: apt-get install --no-install-recommends apache2 nginx-light")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        out = build(folder)
        said = headers_file(out)
        check("the policy lets in nothing that is not said", said["Content-Security-Policy"].startswith("default-src 'none'"))
        check("nothing inline", "unsafe" not in said["Content-Security-Policy"])
        for host in [apache, nginx]:
            port = free_port()
            compare(host.__name__, host(folder, out, port), port, out, said)
        web_config(out, said)
        pages_say_it(out, said)
    print(f"{done['passed']} passed, {done['failed']} failed")
    sys.exit(1 if done["failed"] else 0)


main()
