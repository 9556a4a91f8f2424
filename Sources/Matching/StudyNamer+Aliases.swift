public import Catalogue
public import DICOMCore

extension StudyNamer {
    /// Names a study by what people taught of its description, and by the rules where nothing was taught.
    ///
    /// - Parameters:
    ///   - day: the day the study was made; nil when it does not say.
    ///   - site: Institution Name (0008,0080), "" when it has none.
    ///   - aeTitle: Calling AE Title of its sender, "" when it had none.
    /// - Returns: the alias is nil when the rules named it.
    public func name(
        _ study: StudyDescriptor, on day: CalendarDay?, site: String, aeTitle: String, by book: AliasBook
    ) -> (naming: StudyNaming, alias: Alias?) {
        guard !book.isEmpty, let catalogue = imaging(on: day),
            let taught = book.answer(for: study, site: site, aeTitle: aeTitle, in: catalogue)
        else { return (name(study, on: day), nil) }
        return (name(study, on: day, taught: taught.outcome), taught.alias)
    }

    /// The primary list as it holds on `day`.
    public func imaging(on day: CalendarDay?) -> ImagingCatalogue? {
        library.edition(of: primary, on: day).flatMap(\.imaging)
    }

    /// First days on which another edition holds than the day before, ascending. Between two of them a study is named the
    /// same on every day.
    public var turningDays: [CalendarDay] {
        let days = library.editions.flatMap { edition in
            [edition.header.effective.from, edition.header.effective.until.map { CalendarDay(number: $0.number + 1) }]
        }
        return Set(days.compactMap { $0 }).sorted()
    }
}
