/** Opens the browser's dialog for files, or for a folder, from whatever button it is given. */
import { type ReactNode, useRef } from 'react'

interface FileChooserProps {
  /** Of the input, which nobody sees. */
  label: string
  accept?: string
  kind?: 'file' | 'files' | 'folder'
  onFiles(files: FileList | null): void
  children(open: () => void): ReactNode
}

export function FileChooser({ label, accept, kind = 'files', onFiles, children }: FileChooserProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      {children(() => input.current?.click())}
      <input
        ref={input}
        type="file"
        hidden
        multiple={kind !== 'file'}
        // React knows it as an attribute only since browsers agree on it.
        {...(kind === 'folder' && { webkitdirectory: '' })}
        accept={accept}
        aria-label={label}
        onChange={(event) => {
          onFiles(event.currentTarget.files)
          // The same file may be chosen again.
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}
