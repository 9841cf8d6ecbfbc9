//! Which `Content-Type` a file has, by its name.
//!
//! Owns the table. Must not know where files come from.

/// The type for an output path; unknown endings are plain bytes, as on most hosts.
pub(super) fn type_of(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((_, ending)) = name.rsplit_once('.') else { return "application/octet-stream" };
    match (name, ending.to_ascii_lowercase().as_str()) {
        ("feed.xml" | "atom.xml", _) | (_, "atom") => "application/atom+xml; charset=utf-8",
        ("rss.xml", _) | (_, "rss") => "application/rss+xml; charset=utf-8",
        (_, "html" | "htm") => "text/html; charset=utf-8",
        (_, "css") => "text/css; charset=utf-8",
        (_, "js" | "mjs") => "text/javascript; charset=utf-8",
        (_, "json" | "map") => "application/json; charset=utf-8",
        (_, "jsonld") => "application/ld+json; charset=utf-8",
        (_, "webmanifest") => "application/manifest+json; charset=utf-8",
        (_, "xml") => "application/xml; charset=utf-8",
        (_, "xsl") => "text/xsl; charset=utf-8",
        (_, "txt" | "text" | "asc") => "text/plain; charset=utf-8",
        (_, "md") => "text/markdown; charset=utf-8",
        (_, "csv") => "text/csv; charset=utf-8",
        (_, "vtt") => "text/vtt; charset=utf-8",
        (_, "ics") => "text/calendar; charset=utf-8",
        (_, "vcf") => "text/vcard; charset=utf-8",
        (_, "svg") => "image/svg+xml; charset=utf-8",
        (_, "png") => "image/png",
        (_, "jpg" | "jpeg") => "image/jpeg",
        (_, "gif") => "image/gif",
        (_, "webp") => "image/webp",
        (_, "avif") => "image/avif",
        (_, "ico") => "image/x-icon",
        (_, "woff2") => "font/woff2",
        (_, "woff") => "font/woff",
        (_, "ttf") => "font/ttf",
        (_, "otf") => "font/otf",
        (_, "mp4" | "m4v") => "video/mp4",
        (_, "webm") => "video/webm",
        (_, "mp3") => "audio/mpeg",
        (_, "m4a") => "audio/mp4",
        (_, "ogg" | "oga") => "audio/ogg",
        (_, "wav") => "audio/wav",
        (_, "wasm") => "application/wasm",
        (_, "pdf") => "application/pdf",
        (_, "zip") => "application/zip",
        (_, "gz") => "application/gzip",
        (_, "docx") => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (_, "xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        (_, "pptx") => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        _ => "application/octet-stream",
    }
}

/// Whether an output path is a page, which gets the live script, or a thing that pages use.
pub(super) fn is_page(path: &str) -> bool {
    type_of(path).starts_with("text/html")
}
