internal import Archive
internal import Catalogue
internal import DICOMCore
internal import Foundation
internal import Matching

/// Names assessed studies anew by what they were matched by, without reading their objects.
struct Renaming {
    let archive: Archive
    let assessor: StudyAssessor
    let namer: StudyNamer
    let aliases: AliasesInForce.State

    /// Names a study as an assessment of it would.
    func name(_ study: StudyDescriptor, on day: CalendarDay?, site: String, aeTitle: String) -> AssessmentDocument {
        var document = AssessmentDocument(fault: nil)
        let (naming, alias) = namer.name(study, on: day, site: site, aeTitle: aeTitle, by: aliases.book)
        document.set(naming, by: alias)
        return document
    }

    /// Studies whose newest assessment would name them otherwise now, with that assessment as it is and as it would be.
    ///
    /// - Parameter ids: of assessed studies; those that are receiving are passed over, as they will be assessed anyway.
    func changes(of ids: [Int64]) throws(ArchiveError) -> [Change] {
        var changes: [Change] = []
        for study in try archive.index.assessedStudies(ids) {
            guard let old = AssessmentDocument(json: study.newest.verdicts.json), old.fault == nil,
                let descriptor = try descriptor(of: study)
            else { continue }
            let day = CalendarDay(dicom: study.date) ?? CalendarDay(localDayOf: study.lastInstanceAt)
            let named = name(descriptor, on: day, site: study.institution, aeTitle: study.sourceAETitle)
            var new = old
            (new.match, new.otherMatches, new.unmapped) = (named.match, named.otherMatches, named.unmapped)
            if new.json != old.json { changes.append(Change(study: study, old: old, new: new)) }
        }
        return changes
    }

    struct Change {
        let study: AssessedStudy
        let old: AssessmentDocument
        let new: AssessmentDocument

        var draft: RenamedAssessment {
            RenamedAssessment(
                study: study.id, follows: study.newest.version, match: new.catalogueMatch, outcome: new.outcomeText,
                awaitsReview: new.awaitsReview, json: new.json)
        }
    }

    /// As kept; read from the objects of a study that an earlier version assessed. Nil when they can't be read.
    private func descriptor(of study: AssessedStudy) throws(ArchiveError) -> StudyDescriptor? {
        if let json = study.descriptor { return StudyDescriptor(json: json) }
        do {
            return try assessor.descriptor(of: study.due)
        } catch let error as ArchiveError where !error.concernsOneObject {
            throw error
        } catch {
            return nil
        }
    }
}
