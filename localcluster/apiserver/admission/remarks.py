"""What admission says beside yes and no: warnings for the client, annotations for the audit log."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Remarks:
    """Collected by whoever writes; the same remark counts once, however often the write is tried."""

    warnings: list[str] = field(default_factory=list)
    annotations: dict[str, str] = field(default_factory=dict)

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    def annotate(self, key: str, text: str) -> None:
        self.annotations[key] = text
