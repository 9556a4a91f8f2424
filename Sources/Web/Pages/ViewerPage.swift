internal import AdminAPI
internal import Archive
internal import DICOMCore

/// `/view`: stacks of a study and a prior beside each other, drawn by viewer.js from this server's DICOMweb; without scripts
/// the image in the middle of each.
struct ViewerPage {
    let current: StudyDetail
    let prior: StudyDetail?
    /// The series to begin with, or nil for the first that has images.
    let series: SeriesInstanceUID?
    let words: PageWords

    static let parameters: Set<String> = ["current", "prior", "series"]

    var content: PageContent {
        var content = PageContent(title: words(.viewer), body: body)
        content.scripts = ["viewer.js"]
        return content
    }

    @HTMLBuilder private var body: HTML {
        Element.h1(.class("unseen")) { words(.viewer) }
        Element.div(.class("viewer-bar"), .role("toolbar"), .label(words(.viewer))) {
            Element.a(.class("quiet"), .href(.study(current.summary.studyInstanceUID))) { "← \(words(.back))" }
            Element.label {
                Element.span { words(.windowPreset) }
                Element.select(.mark("preset")) {
                    for (value, text) in Self.presets {
                        // Hounsfield units are of CT alone; viewer.js takes them back where there is none.
                        Element.option(.value(value), value.contains(",") ? .mark("hounsfield") : nil) { words(text) }
                    }
                }
            }
            if prior != nil {
                Element.button(.type("button"), .mark("link"), .pressed) { words(.link) }
            }
            Element.button(.type("button"), .mark("reset")) { words(.reset) }
            Element.strong(.class("warning")) { words(.notForDiagnosis) }
        }
        Element.div(.class(prior == nil ? "panes one" : "panes")) {
            pane(current, .current, name: "current")
            if let prior { pane(prior, .prior, name: "prior") }
        }
        Element.p(.class("hint")) { words(.viewerKeys) }
    }

    /// Centre and width in HU; what is usual for reading CT.
    private static let presets: [(value: String, text: PageText)] = [
        ("", .presetDefault), ("-600,1500", .presetLung), ("40,400", .presetSoft), ("500,2000", .presetBone),
        ("40,80", .presetBrain), ("full", .presetFull),
    ]

    private func pane(_ detail: StudyDetail, _ text: PageText, name: String) -> HTML {
        let study = detail.summary
        let uid = study.studyInstanceUID
        let asked = detail.series.first { name == "current" && $0.seriesInstanceUID == series }
        let chosen = (asked ?? detail.series.first { $0.mayHaveImages } ?? detail.series.first)?.seriesInstanceUID
        return Element.section(
            .class("pane"), .mark("pane"), .id(name), .study(uid.value), .label(words(text)),
            .words(.loading, words(.loading)), .words(.failed, words(.imageFailed)), .words(.empty, words(.noImage)),
            .words(.image, words(.imageOf)), .words(.frame, words(.frameOf)), .words(.window, words(.windowOf))
        ) {
            Element.div(.class("pane-head")) {
                Element.strong { words(text) }
                " "
                words.day(study.study.date)
                " "
                HTML.said(study.study.institution)
                " "
                words.item(of: study)
            }
            Element.label(.class("series-choice")) {
                Element.span(.class("unseen")) { words(.chooseSeries) }
                Element.select(.mark("series")) {
                    for series in detail.series { option(series, isChosen: series.seriesInstanceUID == chosen) }
                }
            }
            Element.div(.class("stage"), .mark("stage"), .tabindex(0), .role("img"), .label(words(text))) {
                Element.canvas(.mark("canvas"))
                Element.span(.class("overlay top-left"), .mark("about")) {
                    words.name(study.patient.name)
                    " "
                    Element.span { PageWords.iso(study.study.date) }
                    " "
                    HTML.said(study.study.institution)
                }
                Element.span(.class("overlay top-right"), .mark("place"))
                Element.span(.class("overlay bottom-left"), .mark("window"))
                Element.span(.class("overlay bottom-right warning")) { words(.notForDiagnosis) }
                Element.span(.class("orientation left"), .mark("left"))
                Element.span(.class("orientation right"), .mark("right"))
                Element.span(.class("orientation up"), .mark("up"))
                Element.span(.class("orientation down"), .mark("down"))
                Element.p(.class("message"), .mark("message"), .role("status"))
            }
            Element.noscript {
                Element.p(.class("hint")) { words(.viewerNeedsScript) }
                Element.img(.src(.still(uid)), .alt(words(text)))
            }
        }
    }

    private func option(_ series: SeriesSummary, isChosen: Bool) -> HTML {
        Element.option(
            .value(series.seriesInstanceUID.value), .modality(series.series.modality), isChosen ? .selected : nil
        ) {
            [
                series.series.number.map(String.init) ?? "", series.series.modality, series.series.description,
                "(\(series.instanceCount))",
            ].filter { !$0.isEmpty }.joined(separator: " ")
        }
    }
}

extension SeriesSummary {
    /// Modalities whose objects are no images to look at (PS3.3 C.7.3.1.1.1).
    private static let withoutImages: Set<String> = [
        "ASMT", "AU", "DOC", "ECG", "EPS", "FID", "HD", "KO", "M3D", "PLAN", "PR", "REG", "RESP", "RTPLAN", "RTRECORD",
        "RTSTRUCT", "SEG", "SR", "STAIN",
    ]

    fileprivate var mayHaveImages: Bool { !Self.withoutImages.contains(series.modality) }
}
