"""The settings dialog: every choice holds at once."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from acestep_desktop.domain.time import BUFFERS, SAMPLE_RATE
from acestep_desktop.session.settings import SettingsSession
from acestep_desktop.session.transport import Device, TransportSession
from acestep_desktop.ui.theme import THEMES, known_theme

_DEFAULT = "System default"


class SettingsDialog(QDialog):
    """Output device and buffer, theme, listening, and where files live."""

    def __init__(
        self,
        settings: SettingsSession,
        transport: TransportSession,
        folder: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setMinimumWidth(480)
        self._settings, self._transport, self._folder = settings, transport, folder
        self._device = QComboBox()
        self._device.addItem(_DEFAULT, None)
        self._buffer = QComboBox()
        for frames in BUFFERS:
            self._buffer.addItem(f"{frames} frames ({1_000 * frames / SAMPLE_RATE:.0f} ms)", frames)
        self._buffer.setCurrentIndex(self._buffer.findData(settings.buffer))
        self._theme = QComboBox()
        for name, label in THEMES.items():
            self._theme.addItem(label, name)
        self._theme.setCurrentIndex(self._theme.findData(known_theme(settings.theme)))
        self._plays = QCheckBox("The first take plays by itself")
        self._plays.setChecked(settings.plays_first_take)
        self._matched = QCheckBox("Takes are heard equally loud")
        self._matched.setChecked(settings.level_matched)
        self._calm = QCheckBox("Less movement on the screen")
        self._calm.setChecked(settings.reduced_motion)
        self._place = QPushButton("Open the music folder")
        self._close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self._name()
        self._lay_out()
        self._connect()
        transport.find_devices()

    def _name(self) -> None:
        named: tuple[tuple[QWidget, str, str], ...] = (
            (self._device, "Output device", "Where it is heard"),
            (
                self._buffer,
                "Buffer",
                "Shorter: changes are heard sooner. Longer: no gaps on a busy computer",
            ),
            (self._theme, "Theme", "The program's colours"),
            (self._plays, "Play the first take", "When a job's first take is finished, play it"),
            (self._matched, "Match levels", "Judge takes by their music, not by their loudness"),
            (
                self._calm,
                "Reduced motion",
                "Playhead and meters move twice a second, menus appear at once, no cursor blinks",
            ),
            (self._place, "Open the music folder", str(self._folder)),
        )
        for widget, name, tip in named:
            widget.setAccessibleName(name)
            widget.setToolTip(tip)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.addRow("Output device", self._device)
        form.addRow("Buffer", self._buffer)
        form.addRow("Theme", self._theme)
        form.addRow("", self._calm)
        form.addRow("Listening", self._plays)
        form.addRow("", self._matched)
        form.addRow("Files", self._place)
        where = QLabel(f"{self._folder}\nSet ACESTEP_HOME to keep everything somewhere else.")
        where.setObjectName("quiet")
        where.setWordWrap(True)
        form.addRow("", where)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self._close)

    def _connect(self) -> None:
        self._theme.activated.connect(self._choose_theme)
        self._device.activated.connect(self._choose_device)
        self._buffer.activated.connect(self._choose_buffer)
        self._plays.toggled.connect(self._settings.set_plays_first_take)
        self._matched.toggled.connect(self._settings.set_level_matched)
        self._calm.toggled.connect(self._settings.set_reduced_motion)
        self._place.clicked.connect(self._open_folder)
        self._close.rejected.connect(self.accept)
        self._transport.devices_found.connect(self._show_devices)

    @Slot(list)
    def _show_devices(self, devices: list[Device]) -> None:
        self._device.clear()
        self._device.addItem(_DEFAULT, None)
        for device in devices:
            self._device.addItem(f"{device.name} ({device.sample_rate} Hz)", device.name)
        self._device.setCurrentIndex(max(0, self._device.findData(self._settings.device)))
        if not devices:
            self._device.setToolTip("No output device was found: connect one and open this again")

    @Slot()
    def _choose_theme(self) -> None:
        self._settings.set_theme(self._theme.currentData())

    @Slot()
    def _choose_device(self) -> None:
        name = self._device.currentData()
        self._settings.set_device(name)
        self._transport.set_device(name)

    @Slot()
    def _choose_buffer(self) -> None:
        frames = self._buffer.currentData()
        self._settings.set_buffer(frames)
        self._transport.set_buffer(frames)

    @Slot()
    def _open_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            words = f"The folder {self._folder} cannot be made: {error.strerror}. Set another."
            QMessageBox.warning(self, "Music folder", words)
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))
